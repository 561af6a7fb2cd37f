import type { Decoded } from '../detections/decoded.ts';
import type { Batch, Document, Presence, Sink, SourceRecord } from '../types.ts';
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
  /** Id of the dead letter that stands for what cannot be decoded. */
  readonly letter?: string;
  verdict: Verdict | undefined;
}

interface Pending {
  readonly exported: Exported;
  readonly document: Document;
}

export interface Comparison {
  readonly transform: Pick<Stages, 'decode' | 'filter' | 'map'>;
  readonly sink: Sink;
  /** Uids met so far in the source. */
  readonly seen: UidSet;
  readonly letters: Letters;
  readonly hold: (filter: string) => void;
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
  const { sink, letters } = comparison;
  const { all, pending } = expect(batch, comparison);
  const documents = pending.map(({ document }) => document);
  const presences = documents.length === 0 ? [] : await sink.stored?.(documents, signal);
  for (const [at, { exported }] of pending.entries()) {
    const presence = presences === undefined ? 'unknown' : (presences[at] ?? 'missing');
    exported.verdict = verdictOf(presence, letters.uids.has(exported.uid ?? ''));
  }
  return all;
}

function verdictOf(presence: Presence | 'unknown', hasLetter: boolean): Verdict {
  if (presence === 'stored' || presence === 'failed') return presence;
  return hasLetter ? 'dead_lettered' : presence;
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
        all.push({ kind: UNDECODABLE, day: '-', letter, verdict });
        continue;
      }
      const { detection } = entry;
      const held = transform.filter(detection);
      if (held !== undefined) {
        hold(held);
        continue;
      }
      const day = detection.time_is_receipt ? '-' : detection.time_iso.slice(0, 10);
      const exported: Exported = { kind: detection.id, day, uid: detection.uid, verdict: 'duplicate' };
      all.push(exported);
      if (!seen.add(detection.uid)) continue;
      const [document] = transform.map(detection);
      if (document === undefined) exported.verdict = 'dropped';
      else pending.push({ exported, document });
    }
  }
  return { all, pending };
}

/** The id of the dead letter that a run writes for a record it cannot decode. */
export function letterIdOf(record: SourceRecord, entry: Extract<Decoded, { fault: unknown }>): string {
  const { index, fault } = entry;
  return toLetter({ record, index, stage: 'decode', ...fault, text: '' }, '').id;
}
