import type { Decoded } from '../detections/decoded.ts';
import { differ } from '../detections/fingerprint.ts';
import { isApiUri } from '../sources/api/origin.ts';
import type { Batch, Document, Presence, Sink, SourceRecord, StoredMarks } from '../types.ts';
import type { UidSet } from '../uid-set.ts';
import type { Stages } from './batch.ts';
import { toLetter } from './dead-letters.ts';
import { UNDECODABLE } from './tally.ts';
import type { Verdict } from './verification.ts';

/** One detection that the source holds, or a record that cannot be decoded. */
export interface Exported {
  readonly kind: string;
  /** UTC day of event time; `-` where there is none. */
  readonly day: string;
  /** Absent for what cannot be decoded. */
  readonly uid?: string;
  readonly fingerprint?: string | undefined;
  /** Where it was read. */
  readonly origin: string;
  /** Id of the dead letter that stands for what cannot be decoded. */
  readonly letter?: string;
  verdict: Verdict | undefined;
}

interface Pending {
  readonly exported: Exported;
  readonly document: Document;
  /** The source held its uid before: what is stored is compared with it all the same. */
  readonly again: boolean;
}

export interface Comparison {
  readonly transform: Pick<Stages, 'decode' | 'filter' | 'map'>;
  readonly sink: Sink;
  /** Uids met so far in the source. */
  readonly seen: UidSet;
  readonly letters: Letters;
  readonly hold: (filter: string) => void;
  /** Told of each stored document whose fingerprint says nothing of the exported one. */
  readonly skip: () => void;
}

/** What lies in the dead letters: uids where known, and ids of letters. */
export interface Letters {
  readonly uids: UidSet;
  readonly ids: UidSet;
}

/** Decodes a batch as a run would, and asks the destination what it has of it. Every entry has a verdict then. */
export async function compareBatch(
  batch: Batch,
  comparison: Comparison,
  signal: AbortSignal,
): Promise<readonly Exported[]> {
  const { sink, letters, skip } = comparison;
  const { all, pending } = expect(batch, comparison);
  const documents = pending.map(({ document }) => document);
  const presences = documents.length === 0 ? [] : await sink.stored?.(documents, signal);
  for (const [at, { exported, again }] of pending.entries()) {
    const presence = presences === undefined ? undefined : (presences[at] ?? MISSING);
    const same = presence?.is === 'stored' ? isSame(presence, exported) : undefined;
    if (presence?.is === 'stored' && same === undefined) skip();
    if (same === false) exported.verdict = 'differs';
    else if (!again) exported.verdict = verdictOf(presence, letters.uids.has(exported.uid ?? ''));
  }
  return all;
}

const MISSING: Presence = { is: 'missing' };

function verdictOf(presence: Presence | undefined, hasLetter: boolean): Verdict {
  if (presence?.is === 'stored' || presence?.is === 'failed') return presence.is;
  if (hasLetter) return 'dead_lettered';
  return presence === undefined ? 'unknown' : 'missing';
}

/**
 * Whether the stored document is of the exported detection; undefined where there is no telling. An object never changes, so
 * all exports of a detection agree. A row of the API tells how things are by now: its flags count for nothing there, and
 * the API and the export need not say the same.
 */
function isSame(stored: StoredMarks, { fingerprint, origin }: Exported): boolean | undefined {
  if (stored.fingerprint === undefined || stored.origin === undefined || fingerprint === undefined)
    return undefined;
  const api = isApiUri(origin);
  if (isApiUri(stored.origin) !== api) return undefined;
  return !differ(stored.fingerprint, fingerprint, !api);
}

function expect(batch: Batch, comparison: Comparison): { all: Exported[]; pending: Pending[] } {
  const { transform, seen, letters, hold } = comparison;
  const receivedMs = Date.now();
  const all: Exported[] = [];
  const pending: Pending[] = [];
  for (const { record, entries } of transform.decode(batch.records, receivedMs)) {
    for (const entry of entries) {
      if ('filtered' in entry) {
        hold(entry.filtered);
        continue;
      }
      if ('fault' in entry) {
        const letter = letterIdOf(record, entry);
        const verdict = letters.ids.has(letter) ? 'dead_lettered' : 'missing';
        all.push({ kind: UNDECODABLE, day: '-', origin: record.origin.uri, letter, verdict });
        continue;
      }
      const { detection } = entry;
      const held = transform.filter(detection);
      if (held !== undefined) {
        hold(held);
        continue;
      }
      const day = detection.time_is_receipt ? '-' : detection.time_iso.slice(0, 10);
      const { uid, fingerprint, origin } = detection;
      const exported: Exported = { kind: detection.id, day, uid, fingerprint, origin, verdict: 'duplicate' };
      all.push(exported);
      const again = !seen.add(uid);
      const [document] = transform.map(detection);
      if (document !== undefined) pending.push({ exported, document, again });
      else if (!again) exported.verdict = 'dropped';
    }
  }
  return { all, pending };
}

/** The id of the dead letter that a run writes for a record it cannot decode. */
export function letterIdOf(record: SourceRecord, entry: Extract<Decoded, { fault: unknown }>): string {
  const { index, fault } = entry;
  return toLetter({ record, index, stage: 'decode', ...fault, text: '' }, '').id;
}
