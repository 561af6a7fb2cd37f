import { describeError } from '../../account/exit.ts';
import type { Route } from '../../config/route.ts';
import type { Finding } from '../../contracts/types.ts';
import { sourceContextOf } from '../../session/ends.ts';
import { RUN } from '../../session/lease.ts';
import { sampleDocuments } from '../../session/samples.ts';
import { openBriefSession, type Session } from '../../session/session.ts';
import { openState, stateOf } from '../../session/stores.ts';
import { transformFor } from '../../session/transform.ts';
import { readPart } from '../../state/checkpoint.ts';
import { readHead } from '../../state/head.ts';
import { examineStore } from '../../state/index.ts';
import { checkLookUps } from './look-ups.ts';
import { checkMappings } from './mappings.ts';

/** Every check there is, in the order data flows. Yields, never throws: what goes wrong is a finding. */
export async function* doctor(route: Route): AsyncGenerator<Finding> {
  const session = openBriefSession(route);
  try {
    yield* guarded('source', checkSource(session));
    yield* guarded('enrichment', checkLookUps(session));
    yield* guarded('state', checkState(session));
    yield* guarded('mappings', checkMappings(route));
    yield* guarded('sink', checkSink(session));
  } finally {
    session.close();
  }
}

async function* guarded(
  check: string,
  findings: AsyncIterable<Finding> | Iterable<Finding>,
): AsyncGenerator<Finding> {
  try {
    yield* findings;
  } catch (error) {
    yield { check, status: 'failed', detail: describeError(error) };
  }
}

async function* checkSource(session: Session): AsyncGenerator<Finding> {
  yield* session.route.source.check(sourceContextOf(session));
}

async function* checkState(session: Session): AsyncGenerator<Finding> {
  const { config, source } = session.route;
  if (config.state === undefined && source.shared) return;
  if (config.state === undefined) {
    yield {
      check: 'state',
      status: 'warning',
      detail: 'not configured',
      fix: 'set state: run needs it to remember what it has done',
    };
  }
  yield* examineStore(stateOf(config, false), session.context);
  const store = await openState(session, false);
  const found = await readHead(store, RUN);
  if (found === undefined) {
    yield { check: 'state', status: 'ok', detail: 'no run has been made yet' };
    return;
  }
  const { head } = found;
  for (const name of Object.keys(head.parts)) await readPart(store, RUN, name, head.parts[name]);
  const ended = head.clean ? 'ended cleanly' : 'is under way or did not end cleanly';
  yield {
    check: 'state',
    status: 'ok',
    detail: `the last run ${ended}; saved ${head.saved}, ${head.totals.read ?? 0} detections in all`,
  };
}

async function* checkSink({ route, context }: Session): AsyncGenerator<Finding> {
  const samples = sampleDocuments(transformFor(route));
  yield { check: 'mappings', status: 'ok', detail: `${samples.length} sample documents mapped` };
  yield* route.sink.check({ ...context, uncleanRuns: 0, samples: () => samples });
}
