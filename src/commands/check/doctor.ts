import { describeError } from '../../account/exit.ts';
import type { Route } from '../../config/route.ts';
import { UnavailableError } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
import { checkReceiver } from '../../receive/check.ts';
import { sourceContextOf } from '../../session/ends.ts';
import { RUN } from '../../session/lease.ts';
import { sampleDocuments } from '../../session/samples.ts';
import { openLook, type Session } from '../../session/session.ts';
import { openState, stateOf } from '../../session/stores.ts';
import { transformFor } from '../../session/transform.ts';
import { readPart } from '../../state/checkpoint.ts';
import { readHead } from '../../state/head.ts';
import { examineStore } from '../../state/index.ts';
import { checkLookUps } from './look-ups.ts';
import { checkMappings } from './mappings.ts';

/** The longest wait for an answer. Together with program start it stays below 10 s. */
const DEADLINE_MS = 6_000;

/**
 * Every check, in the order data flows. All run concurrently, and none takes longer than the deadline. Yields findings
 * and never throws: problems are findings too.
 */
export async function* doctor(route: Route, deadlineMs = DEADLINE_MS): AsyncGenerator<Finding> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new UnavailableError(late(deadlineMs))), deadlineMs);
  const session = openLook(route, deadline.signal);
  const { abort } = session.context;
  try {
    const checks = [
      collect('source', checkSource(session), abort),
      collect('receive', checkReceiver(session), abort),
      collect('enrichment', checkLookUps(session), abort),
      collect('state', checkState(session), abort),
      collect('mappings', checkMappings(route), abort),
      collect('sink', checkSink(session), abort),
    ];
    for (const findings of checks) yield* await findings;
  } finally {
    clearTimeout(timer);
    // Abandon whatever is still waiting for an answer.
    deadline.abort();
    session.close();
  }
}

const late = (ms: number): string =>
  `no answer within ${ms / 1_000} s: check whether a firewall drops the packets and whether the address is right`;

/** What a check finds before it ends or has to stop. */
async function collect(
  check: string,
  findings: AsyncIterable<Finding> | Iterable<Finding>,
  abort: AbortSignal,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const look = async (): Promise<void> => {
    for await (const finding of findings) if (!abort.aborted) found.push(finding);
  };
  try {
    await Promise.race([look(), rejection(abort)]);
  } catch (error) {
    found.push({ check, status: 'failed', detail: describeError(error) });
  }
  return found;
}

/** For work that ignores its signal. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
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
  yield* examineStore(stateOf(config, false), session.context, () => checkHead(session));
}

async function* checkHead(session: Session): AsyncGenerator<Finding> {
  const store = await openState(session, false, 'read');
  const found = await readHead(store, RUN);
  if (found === undefined) {
    yield { check: 'state', status: 'ok', detail: 'there has not been a run yet' };
    return;
  }
  const { head } = found;
  for (const name of Object.keys(head.parts)) await readPart(store, RUN, name, head.parts[name]);
  const ended = head.clean ? 'ended cleanly' : 'is in progress or did not end cleanly';
  yield {
    check: 'state',
    status: 'ok',
    detail: `the last run ${ended}; saved ${head.saved}, ${head.totals.read ?? 0} detections in all`,
  };
}

async function* checkSink({ route, context }: Session): AsyncGenerator<Finding> {
  const samples = sampleDocuments(transformFor(route));
  yield { check: 'mappings', status: 'ok', detail: `${samples.length} sample documents mapped` };
  yield* route.sink.check({ ...context, samples: () => samples });
}
