import type { Decoded, DecodedRecord, Entries } from '../detections/decoded.ts';
import type { Source, SourceRecord } from '../types.ts';
import { processBatch, type Stages } from './batch.ts';
import type { Burial } from './burial.ts';
import { type DeadLetter, toLetter } from './letter.ts';
import { detached, originOf } from './replay-reading.ts';
import { fold, newTally, type Tally } from './tally.ts';
import { DEFAULT_BOUNDS } from './walk.ts';

/** A record, and the letters that are about something in it. `fresh`: it was read again. */
interface Job {
  readonly record: SourceRecord;
  readonly letters: readonly DeadLetter[];
  readonly fresh: boolean;
}

type Sending = Omit<Stages, 'burial'>;

/**
 * Sends what letters are about that stand for one detection each. An object and each record in it are read once, however
 * many letters they have. The stored text is used only where the origin is gone. What fails again is told to `left`.
 */
export async function replayLetters(
  letters: readonly DeadLetter[],
  source: Pick<Source, 'fetch'>,
  stages: Sending,
  left: (letter: DeadLetter) => void,
  signal: AbortSignal,
): Promise<Tally> {
  const { bytes: maxBytes, ...others } = stages.bounds ?? DEFAULT_BOUNDS;
  // Each letter is one detection: no group is cut.
  const sending = { ...stages, bounds: { ...others, bytes: maxBytes, expansion: Number.POSITIVE_INFINITY } };
  const burial = tellingTo(left);
  const tally = newTally();
  let jobs: Job[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const decode = (_: readonly SourceRecord[], now: number) => decodeJobs(jobs, stages.decode, now, left);
    fold(tally, await processBatch({ records: [] }, { ...sending, decode, burial }, signal));
    jobs = [];
    bytes = 0;
  };
  for (const ofObject of grouped(letters, ({ origin: { source: kind, uri, version } }) =>
    JSON.stringify([kind, uri, version]),
  )) {
    for await (const job of jobsOf(ofObject, source)) {
      jobs.push(job);
      bytes += job.record.text.length;
      if (bytes >= maxBytes) await flush();
    }
  }
  await flush();
  return tally;
}

async function* jobsOf(
  letters: readonly DeadLetter[],
  source: Pick<Source, 'fetch'>,
): AsyncGenerator<Job, void, undefined> {
  const byOffset = new Map<number, readonly DeadLetter[]>();
  for (const same of grouped(letters, ({ origin }) => origin.offset)) {
    const [first] = same;
    if (first !== undefined) byOffset.set(first.origin.offset, same);
  }
  const offsets = [...byOffset.keys()].sort((a, b) => a - b);
  const [from = 0] = offsets;
  const [first] = letters;
  if (first === undefined) return;
  const origin = originOf(first);
  // Rows of the API all have the same offset, and cannot be read again.
  for await (const record of source.fetch?.(origin, from, offsets.at(-1) ?? from) ?? []) {
    const wanted = byOffset.get(record.offset);
    if (wanted === undefined || record.fault?.whole === true) continue;
    byOffset.delete(record.offset);
    yield { record: detached(record), letters: wanted, fresh: true };
  }
  for (const [offset, gone] of byOffset) {
    for (const letter of gone)
      yield { record: { text: letter.text, origin, offset }, letters: [letter], fresh: false };
  }
}

function* decodeJobs(
  jobs: readonly Job[],
  decode: Stages['decode'],
  receivedMs: number,
  left: (letter: DeadLetter) => void,
): Generator<DecodedRecord> {
  const decodeOne = (record: SourceRecord): DecodedRecord => {
    const [read] = decode([record], receivedMs);
    return read ?? { record, entries: [] };
  };
  for (const { record, letters, fresh } of jobs) {
    const read = decodeOne(record);
    const { origin, offset } = record;
    const stored = (letter: DeadLetter): Decoded => {
      const { entries } = fresh ? decodeOne({ text: letter.text, origin, offset }) : read;
      return asWritten(entries, letter);
    };
    // The origin is gone, or holds something else under the same version: the letter must not vanish unsent.
    const entryOf = (letter: DeadLetter): Decoded => {
      const entry = (fresh ? find(read.entries, letter) : undefined) ?? stored(letter);
      if (!('fault' in entry)) return entry;
      const { code, reason } = entry.fault;
      const stage = record.fault === undefined ? 'decode' : 'read';
      left({ ...letter, at: new Date().toISOString(), stage, code, reason });
      return entry;
    };
    yield { ...read, entries: lazily(letters, entryOf) };
  }
}

function lazily(letters: readonly DeadLetter[], entryOf: (letter: DeadLetter) => Decoded): Entries {
  return {
    length: letters.length,
    at(index) {
      const letter = letters[index];
      return letter && entryOf(letter);
    },
    *[Symbol.iterator]() {
      for (const letter of letters) yield entryOf(letter);
    },
  };
}

/** A grouped record holds more than the one that failed. */
function find(entries: Entries, { origin: { index }, uid }: DeadLetter): Decoded | undefined {
  const entry = entries.at(index ?? 0);
  if (entry === undefined || entry.index !== index) return undefined;
  return uid === undefined || index !== undefined || !('detection' in entry) || entry.detection.uid === uid
    ? entry
    : undefined;
}

/** A stored text is redacted: only the letter itself knows which detection it was, and its place. */
function asWritten(entries: Entries, { origin: { index }, uid }: DeadLetter): Decoded {
  const [first] = entries;
  const entry = first?.index === undefined ? first : entries.at(index ?? 0);
  const place = index === undefined ? {} : { index };
  if (entry === undefined)
    return { fault: { code: 'not_found', reason: 'the stored text does not hold it' }, ...place };
  return {
    ...entry,
    ...place,
    ...('detection' in entry && uid !== undefined
      ? // A fingerprint is made of what arrived, and that is gone.
        { detection: { ...entry.detection, uid, fingerprint: undefined } }
      : {}),
  };
}

function tellingTo(left: (letter: DeadLetter) => void): Burial {
  const at = new Date().toISOString();
  return {
    async rejected(failures) {
      for (const failure of failures) left(toLetter(failure, at));
    },
    // Told where they are met.
    faults: async () => undefined,
    check: () => undefined,
  };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string | number): readonly (readonly T[])[] {
  const groups = new Map<string | number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  }
  return [...groups.values()];
}
