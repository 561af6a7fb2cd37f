import { UNDECODABLE } from '../../account/tally.ts';
import type { Batch, Document, Fault, Presence, Sink, StoredMarks } from '../../contracts/types.ts';
import type { Decoded, DecodedRecord } from '../../detections/decoded.ts';
import { differ } from '../../detections/fingerprint.ts';
import { decodeSafely, entryAt } from '../../pipeline/bugs.ts';
import { type Stages } from '../../pipeline/stages.ts';
import { type Visitor, walk } from '../../pipeline/walk.ts';
import type { Transform } from '../../session/transform.ts';
import { isMutable } from '../../sources/index.ts';
import type { UidSet } from '../../text/uid-set.ts';
import type { Explained, Letters } from './letters.ts';
import type { Verdict } from './verification.ts';

/** One detection in the source, or something in it that cannot be decoded. */
export interface Exported {
  readonly kind: string;
  /** UTC day of the event time; `-` if there is none. */
  readonly day: string;
  /** Absent if it could not be decoded. */
  readonly uid?: string;
  readonly fingerprint?: string | undefined;
  /** Where it was read. */
  readonly origin: string;
  /** How many members of a group it stands for. */
  readonly count: number;
  /** Yields it again, for a repair. */
  readonly source: { readonly read: DecodedRecord; entry(): Decoded | undefined };
  verdict: Verdict | undefined;
}

interface Pending {
  readonly exported: Exported;
  readonly document: Document;
  /** The source already had this uid; what is stored is still compared with it. */
  readonly again: boolean;
  /** The explanation found in the letters. */
  readonly explained: Explained;
}

export interface Comparison {
  readonly transform: Pick<Stages, 'decode' | 'filter' | 'map' | 'pages' | 'bounds' | 'bugs'> &
    Pick<Transform, 'redactor'>;
  readonly sink: Sink;
  /** Uids seen so far in the source. */
  readonly seen: UidSet;
  readonly letters: Letters;
  readonly hold: (filter: string) => void;
  /** Called for each stored document whose fingerprint says nothing about the exported one. */
  readonly skip: () => void;
}

/**
 * Decodes a batch as a run would, and asks the destination what it has of it, slice by slice. Every entry yielded has a
 * verdict.
 */
export async function* compareBatch(
  batch: Pick<Batch, 'records'>,
  comparison: Comparison,
  signal: AbortSignal,
): AsyncGenerator<readonly Exported[], void, undefined> {
  const { transform, sink, skip } = comparison;
  const { pages, bugs } = transform;
  let all: Exported[] = [];
  let pending: Pending[] = [];
  let free = pages?.open();
  const visitor = expecting(comparison, (one, awaited) => {
    all.push(one);
    if (awaited !== undefined) pending.push(awaited);
  });
  const compareSlice = async (): Promise<readonly Exported[]> => {
    const settled = all;
    const documents = pending.map(({ document }) => document);
    const presences = documents.length === 0 ? [] : await sink.stored?.(documents, signal);
    for (const [at, { exported, again, explained }] of pending.entries()) {
      const presence = presences === undefined ? undefined : (presences[at] ?? MISSING);
      const same = presence?.is === 'stored' ? isSame(presence, exported) : undefined;
      if (presence?.is === 'stored' && same === undefined) skip();
      if (same === false) exported.verdict = 'differs';
      else if (!again) exported.verdict = verdictOf(presence, explained);
    }
    free?.();
    all = [];
    pending = [];
    return settled;
  };
  const receivedMs = Date.now();
  const reads = decodeSafely(batch.records, (records) => transform.decode(records, receivedMs), bugs);
  for (const _ of walk(reads, transform, visitor)) {
    yield await compareSlice();
    free = pages?.open();
  }
  yield await compareSlice();
}

const MISSING: Presence = { is: 'missing' };

function verdictOf(presence: Presence | undefined, explained: Explained): Verdict {
  if (presence?.is === 'stored' || presence?.is === 'failed') return presence.is;
  return explained ?? (presence === undefined ? 'unknown' : 'missing');
}

/**
 * Whether the stored document belongs to the exported detection; undefined if there is no way to tell. An object never
 * changes, so all exports of a detection agree. A row of a list shows the current state, so its flags count for
 * nothing, and list and export may differ.
 */
function isSame(stored: StoredMarks, { fingerprint, origin }: Exported): boolean | undefined {
  if (stored.fingerprint === undefined || stored.origin === undefined || fingerprint === undefined)
    return undefined;
  const mutable = isMutable(origin);
  if (isMutable(stored.origin) !== mutable) return undefined;
  return !differ(stored.fingerprint, fingerprint, !mutable);
}

/** Says for each entry what is expected of it. */
function expecting(
  { transform, seen, letters, hold }: Comparison,
  told: (exported: Exported, pending?: Pending) => void,
): Visitor {
  const fail = (read: DecodedRecord, entry: Extract<Decoded, { fault: Fault }>): number => {
    const verdict = letters.coverFault(read.record, entry) ?? 'missing';
    const uri = transform.redactor.text(read.record.origin.uri);
    const source = { read, entry: () => entry };
    told({ kind: UNDECODABLE, day: '-', origin: uri, count: entry.count ?? 1, source, verdict });
    return 0;
  };
  return {
    enter: () => undefined,
    take(read, entry, at) {
      if ('filtered' in entry) {
        hold(entry.filtered);
        return 0;
      }
      if ('fault' in entry) return fail(read, entry);
      const { detection } = entry;
      let mapped: readonly Document[];
      try {
        const held = transform.filter(detection);
        if (held !== undefined) {
          hold(held);
          return 0;
        }
        // A run limits groups by what it maps, so map here too; a second occurrence is also compared with what is
        // stored.
        mapped = transform.map(detection);
      } catch (error) {
        return fail(read, { ...entry, fault: transform.bugs.faultOf(error, read.record) });
      }
      const source = { read, entry: () => (at === undefined ? entry : entryAt(read, at, transform.bugs)) };
      const day = detection.time_is_receipt ? '-' : detection.time_iso.slice(0, 10);
      const { id: kind, uid, fingerprint, origin } = detection;
      const again = !seen.add(uid);
      const [document] = mapped;
      const verdict = document === undefined && !again ? 'dropped' : 'duplicate';
      const exported: Exported = { kind, day, uid, fingerprint, origin, count: 1, source, verdict };
      const explained = letters.cover(read.record, entry.index, uid);
      if (document === undefined) told(exported);
      else told(exported, { exported, document, again, explained });
      return mapped.reduce((sum, { json }) => sum + json.length, 0);
    },
  };
}
