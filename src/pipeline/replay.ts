import type { Context } from '../component.ts';
import type { Config } from '../config/schema.ts';
import type { Decoded } from '../detections/decoded.ts';
import { createLog } from '../log.ts';
import { shapeOf, sinkOf } from '../sinks/index.ts';
import { sourceOf } from '../sources/index.ts';
import { openStore } from '../state/index.ts';
import { acquireLease } from '../state/lease.ts';
import type { Sink, Source, SourceRecord } from '../types.ts';
import { processBatch, type Stages } from './batch.ts';
import { conclude } from './conclude.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import { createMeter } from './meter.ts';
import { deadLettersOf, retryPolicyOf, sinkContextOf, sourceContextOf, stateOf } from './setting.ts';
import { listenForSignals } from './signals.ts';
import { transformOf } from './stages.ts';
import { fold, newTally, type Tally } from './tally.ts';

/**
 * Sends every dead letter through the current mapping and removes what is settled. The origin is read again where it
 * still exists, since the letter's text is redacted; the stored text is used only when that is gone. Prints the ledger
 * and returns the exit code.
 */
export async function replay(config: Config, print: (line: string) => void): Promise<number> {
  const log = createLog(config.log.level);
  const signals = listenForSignals(config.pipeline.grace);
  const meter = createMeter();
  const context: Context = { log, meter, retry: retryPolicyOf(config), abort: signals.abort };
  const started = Date.now();
  const tally = newTally();
  let error: unknown;
  let complete = false;
  try {
    const store = await openStore(stateOf(config, false), context);
    const { ttl: ttlMs, renew: renewMs } = config.lease;
    const lease = await acquireLease(store, 'replay', { ttlMs, renewMs, log }, signals.giveUp);
    try {
      complete = await replayAll(config, context, signals.stop, tally);
      if (!complete) error = signals.stop.reason;
    } finally {
      await lease.release();
    }
  } catch (failed) {
    error = failed;
  }
  signals.dispose();
  return conclude(config, log, print, {
    command: 'replay',
    started,
    tally,
    counters: meter.counts,
    error,
    complete,
  });
}

/** False when it was told to stop before the last file. */
async function replayAll(
  config: Config,
  context: Context,
  stop: AbortSignal,
  tally: Tally,
): Promise<boolean> {
  const letters = await deadLettersOf(config, context);
  const source = await sourceOf(config.source).create(
    sourceContextOf(config, context, async () => undefined),
  );
  const sink = await sinkOf(config.sink).create(sinkContextOf(config, context));
  const transform = transformOf(config, shapeOf(config.sink));
  try {
    for await (const file of letters.files()) {
      if (stop.aborted) return false;
      const left: DeadLetter[] = [];
      fold(tally, await replayFile(file.letters, { source, sink, transform, left }, context.abort));
      await letters.replace(file.name, left);
    }
    return true;
  } finally {
    await sink.close?.();
    await source.close?.();
  }
}

interface Ends {
  readonly source: Source;
  readonly sink: Sink;
  readonly transform: ReturnType<typeof transformOf>;
  /** Filled with what still cannot be delivered. */
  readonly left: DeadLetter[];
}

async function replayFile(
  letters: readonly DeadLetter[],
  { source, sink, transform, left }: Ends,
  abort: AbortSignal,
): Promise<Tally> {
  const byRecord = new Map<SourceRecord, { letter: DeadLetter; fresh: boolean }>();
  for (const letter of letters) {
    const { source: kind, uri, version, offset } = letter.origin;
    const origin = { source: kind, uri, ...(version === undefined ? {} : { version }) };
    const text = await source.fetch?.(origin, offset);
    byRecord.set({ text: text ?? letter.text, origin, offset }, { letter, fresh: text !== undefined });
  }
  const deadLetters: Pick<DeadLetters, 'write'> = {
    async write(failed) {
      left.push(...failed);
    },
  };
  const decodeOne = (record: SourceRecord, receivedMs: number): readonly Decoded[] => {
    const [read] = transform.decode([record], receivedMs);
    return read?.entries ?? [];
  };
  const wanted = (record: SourceRecord, receivedMs: number): readonly Decoded[] => {
    const entry = byRecord.get(record);
    if (entry === undefined) return [];
    const { letter, fresh } = entry;
    const found = fresh ? decodeOne(record, receivedMs).filter((one) => isOf(one, letter)) : [];
    if (found.length > 0) return found;
    // The origin is gone, or holds something else under the same version: the letter must not vanish unsent.
    const text = fresh ? letter.text : record.text;
    return asWritten(decodeOne({ ...record, text }, receivedMs), letter);
  };
  const stages: Stages = {
    ...transform,
    decode: (records, receivedMs) =>
      records.map((record) => ({ record, entries: wanted(record, receivedMs) })),
    sink,
    deadLetters,
    admit: () => undefined,
  };
  return processBatch({ records: [...byRecord.keys()], bytes: 0, ack: () => undefined }, stages, abort);
}

/** A grouped record holds more than the one that failed. */
function isOf(entry: Decoded, { origin, uid }: DeadLetter): boolean {
  if (origin.index !== undefined) return entry.index === origin.index;
  return uid === undefined || !('detection' in entry) || entry.detection.uid === uid;
}

/** A stored text is redacted: only the letter itself knows which detection it was, and its place. */
function asWritten(entries: readonly Decoded[], { origin: { index }, uid }: DeadLetter): Decoded[] {
  const own = entries.filter((entry) => entry.index === undefined || entry.index === index);
  return own.map((entry) => ({
    ...entry,
    ...(index === undefined ? {} : { index }),
    // A fingerprint is made of what arrived, and that is gone.
    ...('detection' in entry && uid !== undefined
      ? { detection: { ...entry.detection, uid, fingerprint: undefined } }
      : {}),
  }));
}
