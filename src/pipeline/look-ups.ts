import type { Config } from '../config/schema.ts';
import type { Context } from '../contracts/component.ts';
import { messageOf } from '../contracts/errors.ts';
import type { RunRef, SourceRecord } from '../contracts/types.ts';
import type { Detection } from '../detections/detection.ts';
import { runKey } from '../detections/runs.ts';
import { createWindow } from '../io/window.ts';
import type { AskRun } from '../session/ask-run.ts';
import type { Ends } from '../session/ends.ts';
import type { Session } from '../session/session.ts';
import { anySignal } from '../session/signals.ts';
import type { Transform } from '../session/transform.ts';

/** Looks up the runs of some records before they are decoded. Throws only the abort reason. */
export type LookUps = (records: readonly SourceRecord[], signal: AbortSignal) => Promise<void>;

type Shaped = Pick<Transform, 'decode' | 'filter' | 'runs' | 'bounds'>;

export interface LookUpsOptions {
  readonly ask: AskRun;
  readonly transform: Shaped;
  readonly options: Pick<Config['enrichment'], 'concurrency' | 'batch_timeout'>;
  readonly context: Pick<Context, 'log' | 'meter'>;
}

/** After this many failures in a row, look-ups pause: an outage of the API must not become ours. */
const GIVE_UP_AFTER = 10;
const PAUSE_MS = 5 * 60_000;

/**
 * Requests the run of each detection that will be sent, unless it is already known. A detection is never delayed by
 * more than `batch_timeout`: it is sent without anything not known by then.
 */
export function createLookUps({ ask, transform, options, context }: LookUpsOptions): LookUps {
  const { runs } = transform;
  const { log, meter } = context;
  const window = createWindow(options.concurrency);
  const underWay = new Map<string, Promise<void>>();
  let failures = 0;
  let pausedUntil = 0;

  const failed = (error: unknown): void => {
    meter.add('enrichment_failed');
    failures += 1;
    if (failures < GIVE_UP_AFTER) return;
    failures = 0;
    pausedUntil = performance.now() + PAUSE_MS;
    const fields = { reason: messageOf(error), failures: GIVE_UP_AFTER, pause_minutes: PAUSE_MS / 60_000 };
    log.warn(fields, 'run look-ups keep failing; detections continue without them');
  };

  const lookUp = async (key: string, run: RunRef, signal: AbortSignal): Promise<void> => {
    if (signal.aborted || performance.now() < pausedUntil) return meter.add('enrichment_skipped');
    meter.add('enrichment_requests');
    try {
      runs.learn(key, await ask(run, signal));
      failures = 0;
    } catch (error) {
      if (signal.aborted) meter.add('enrichment_skipped');
      else failed(error);
    }
  };

  const once = (key: string, run: RunRef, signal: AbortSignal): Promise<void> => {
    const asked = underWay.get(key);
    if (asked !== undefined) return asked;
    const answer = window(() => lookUp(key, run, signal)).finally(() => underWay.delete(key));
    underWay.set(key, answer);
    return answer;
  };

  return async (records, signal) => {
    const wanted = runsOf(records, transform);
    if (wanted.size === 0) return;
    const enough = anySignal(signal, AbortSignal.timeout(options.batch_timeout));
    await Promise.all([...wanted].map(([key, run]) => once(key, run, enough)));
    signal.throwIfAborted();
  };
}

/** The look-up stage, if there is an API to ask. */
export function lookUpStage(
  { askRun: ask }: Pick<Ends, 'askRun'>,
  transform: Shaped,
  { route, context }: Pick<Session, 'route' | 'context'>,
): { readonly lookUp?: LookUps } {
  if (ask === undefined) return {};
  return { lookUp: createLookUps({ ask, transform, options: route.config.enrichment, context }) };
}

/** The runs of detections that will be sent. Insights documents among the records are noted on the way. */
function runsOf(
  records: readonly SourceRecord[],
  { decode, filter, runs, bounds }: Shaped,
): ReadonlyMap<string, RunRef> {
  const wanted = new Map<string, RunRef>();
  let seen = 0;
  try {
    for (const { entries } of decode(records, Date.now())) {
      for (const entry of entries) {
        seen += 1;
        // Huge groups are cut later; they are not worth decoding twice.
        if (seen > bounds.records) return wanted;
        const run = 'detection' in entry ? refOf(entry.detection) : undefined;
        const key = run && runKey(run.owner, run.repo, run.id);
        if (run === undefined || key === undefined || runs.has(key) || wanted.has(key)) continue;
        if ('detection' in entry && filter(entry.detection) === undefined) wanted.set(key, run);
        // More runs would evict each other before they are used.
        if (wanted.size >= runs.capacity) return wanted;
      }
    }
  } catch {
    // A bug in decoding or filtering is a fault of its record, and reported when that is actually decoded.
  }
  return wanted;
}

function refOf({ owner, repo, run_id: id }: Detection): RunRef | undefined {
  if (owner === undefined || repo.name === undefined || id === undefined) return undefined;
  return { owner, repo: repo.name, id };
}
