import { describeError } from '../../account/exit.ts';
import type { Route } from '../../config/route.ts';
import { UnavailableError } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
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

/** Nobody waits longer for an answer. Below 10 s together with the start of the program. */
const DEADLINE_MS = 6_000;

/**
 * Every check there is, in the order data flows; all are made at the same time, and none takes longer than the deadline.
 * Yields, never throws: what goes wrong is a finding.
 */
export async function* doctor(route: Route, deadlineMs = DEADLINE_MS): AsyncGenerator<Finding> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new UnavailableError(late(deadlineMs))), deadlineMs);
  const session = openLook(route, deadline.signal);
  const { abort } = session.context;
  try {
    const checks = [
      collect('source', checkSource(session), abort),
      collect('enrichment', checkLookUps(session), abort),
      collect('state', checkState(session), abort),
      collect('mappings', checkMappings(route), abort),
      collect('sink', checkSink(session), abort),
    ];
    for (const findings of checks) yield* await findings;
  } finally {
    clearTimeout(timer);
    // What still waits for an answer is let go.
    deadline.abort();
    session.close();
  }
}

const late = (ms: number): string =>
  `no answer within ${ms / 1_000} s: does a firewall drop the packets, or is the address wrong?`;

/** What a check finds until it ends or has to. */
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

/** What is deaf to its signal is left alone. */
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
  yield* route.sink.check({ ...context, samples: () => samples });
}
