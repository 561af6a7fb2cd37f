import type { Route } from '../../config/route.ts';
import { run } from '../../pipeline/run.ts';
import { RUN } from '../../session/lease.ts';
import { transformWhenNeeded } from '../../session/when-needed.ts';
import type { JsonFlag } from '../flags.ts';
import { ledgerReport } from '../output.ts';

/**
 * `run` as configured, to be started any number of times. Wrong mappings are found before anything is opened; and what
 * runs for months is whole before the files it came from are replaced.
 */
export async function readyRun(
  flags: JsonFlag,
  route: Route,
  follow: boolean,
): Promise<() => Promise<number>> {
  const stages = transformWhenNeeded(route);
  if (route.config.mapping.path !== undefined || follow) await stages.ready();
  const report = await ledgerReport(flags);
  return () => run({ route, command: 'run', name: RUN, stateRequired: true, stages, follow, report });
}
