import type { Source } from '../contracts/types.ts';
import type { Session } from './session.ts';

export type AskRun = NonNullable<Source['askRun']>;

/**
 * Passes `work` a way to ask about runs: the source itself if it can answer, else the API of `enrichment.api`. Passes
 * undefined when neither is available or `look_ups` is off.
 */
export async function withAskRun<T>(
  { route, context }: Pick<Session, 'route' | 'context'>,
  source: Pick<Source, 'askRun'>,
  work: (ask: AskRun | undefined) => Promise<T>,
): Promise<T> {
  const { look_ups: wanted, api } = route.config.enrichment;
  if (!wanted) return work(undefined);
  if (source.askRun !== undefined || api === undefined) return work(source.askRun);
  const { connect } = await import('../stepsecurity/connect.ts');
  const { askRun } = await import('../stepsecurity/run.ts');
  const { client, close } = connect(api, context);
  try {
    return await work((run, signal) => askRun(client, run, { signal, retry: context.retry }));
  } finally {
    close();
  }
}
