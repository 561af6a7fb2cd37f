import { createTally, fold, type Tally } from '../../../account/tally.ts';
import type { Fault, Source, SourceRecord } from '../../../contracts/types.ts';
import type { Decoded, DecodedRecord, Entries } from '../../../detections/decoded.ts';
import type { Detection } from '../../../detections/detection.ts';
import type { Burial } from '../../../letters/burial.ts';
import { grouped } from '../../../letters/grouped.ts';
import { type DeadLetter, toLetter } from '../../../letters/letter.ts';
import { processBatch } from '../../../pipeline/batch.ts';
import { type Bugs, decodeSafely, entryAt } from '../../../pipeline/bugs.ts';
import { type Stages } from '../../../pipeline/stages.ts';
import { DEFAULT_BOUNDS } from '../../../session/bounds.ts';
import { detached, originOf } from './reading.ts';

/** A record, and the letters about something in it. `fresh`: it was read again. */
interface Job {
  readonly record: SourceRecord;
  readonly letters: readonly DeadLetter[];
  readonly fresh: boolean;
}

type Sending = Omit<Stages, 'burial'>;

/**
 * Resends letters that stand for one detection each. Each object, and each record in it, is read once, however many
 * letters it has. The stored text is used only if the origin is gone. Whatever fails again is reported to `left`.
 */
export async function replayLetters(
  letters: readonly DeadLetter[],
  source: Pick<Source, 'fetch'>,
  stages: Sending,
  left: (letter: DeadLetter) => void,
  signal: AbortSignal,
): Promise<Tally> {
  const { bytes: maxBytes, ...others } = stages.bounds ?? DEFAULT_BOUNDS;
  // Each letter is one detection, so no group is split.
  const sending = { ...stages, bounds: { ...others, bytes: maxBytes, expansion: Number.POSITIVE_INFINITY } };
  const burial = tellingTo(left);
  const tally = createTally();
  let jobs: Job[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    // The batch below has no records of its own to look up.
    await stages.lookUp?.(
      jobs.map(({ record }) => record),
      signal,
    );
    fold(
      tally,
      await processBatch({ records: [] }, { ...sending, ...shaping(jobs, sending, left), burial }, signal),
    );
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
  // API rows all have the same offset, and cannot be read again.
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

/**
 * The stages from the records of the jobs to their documents. Each letter that fails in one of them is reported to
 * `left`.
 */
function shaping(
  jobs: readonly Job[],
  { decode, filter, map, bugs }: Sending,
  left: (letter: DeadLetter) => void,
): Pick<Stages, 'decode' | 'filter' | 'map'> {
  /** Each entry is filtered and mapped before the next one is requested. */
  let current: { readonly letter: DeadLetter; readonly record: SourceRecord } | undefined;
  const fail = ({ code, reason }: Fault): void => {
    if (current === undefined) return;
    const stage = current.record.fault === undefined ? 'decode' : 'read';
    left({ ...current.letter, at: new Date().toISOString(), stage, code, reason });
  };
  const telling =
    <T>(step: (detection: Detection) => T) =>
    (detection: Detection): T => {
      try {
        return step(detection);
      } catch (error) {
        if (current !== undefined) fail(bugs.faultOf(error, current.record));
        throw error;
      }
    };
  const decodeJobs = function* (_: readonly SourceRecord[], receivedMs: number): Generator<DecodedRecord> {
    const decodeOne = (record: SourceRecord): DecodedRecord => {
      const [read] = decodeSafely([record], (records) => decode(records, receivedMs), bugs);
      return read ?? { record, entries: [] };
    };
    for (const { record, letters, fresh } of jobs) {
      const read = decodeOne(record);
      const { origin, offset } = record;
      const stored = (letter: DeadLetter): Decoded =>
        asWritten(fresh ? decodeOne({ text: letter.text, origin, offset }) : read, letter, bugs);
      // The origin is gone, or contains something else under the same version: the letter must not vanish unsent.
      const entryOf = (letter: DeadLetter): Decoded => {
        current = { letter, record };
        const entry = (fresh ? find(read, letter, bugs) : undefined) ?? stored(letter);
        if ('fault' in entry) fail(entry.fault);
        return entry;
      };
      yield { ...read, entries: lazily(letters, entryOf) };
    }
  };
  return { decode: decodeJobs, filter: telling(filter), map: telling(map) };
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

/** A grouped record contains more than the member that failed. */
function find(read: DecodedRecord, { origin: { index }, uid }: DeadLetter, bugs: Bugs): Decoded | undefined {
  const entry = entryAt(read, index ?? 0, bugs);
  if (entry === undefined || entry.index !== index) return undefined;
  return uid === undefined || index !== undefined || !('detection' in entry) || entry.detection.uid === uid
    ? entry
    : undefined;
}

/** Stored text is redacted, so only the letter itself knows which detection it was, and its place. */
function asWritten(read: DecodedRecord, { origin: { index }, uid }: DeadLetter, bugs: Bugs): Decoded {
  const first = entryAt(read, 0, bugs);
  const entry = first?.index === undefined ? first : entryAt(read, index ?? 0, bugs);
  const place = index === undefined ? {} : { index };
  if (entry === undefined)
    return { fault: { code: 'not_found', reason: 'the stored text does not contain it' }, ...place };
  return {
    ...entry,
    ...place,
    ...('detection' in entry && uid !== undefined
      ? // A fingerprint is computed from the original text, which is gone.
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
    // Faults are reported where they occur.
    faults: async () => undefined,
    check: () => undefined,
  };
}
