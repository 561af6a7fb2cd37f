import { addFate, count, type Tally, UNDECODABLE } from '../account/tally.ts';
import type { Batch, Document, Fault, SourceRecord } from '../contracts/types.ts';
import type { Decoded, DecodedRecord } from '../detections/decoded.ts';
import type { Detection } from '../detections/detection.ts';
import { isNews } from '../detections/unmapped.ts';
import type { Faults } from '../letters/faulty.ts';
import { decodeSafely } from './bugs.ts';
import { type Stages } from './stages.ts';
import { walk } from './walk.ts';

/**
 * A detection in progress, and the range of its documents in the slice. Not the detection itself: a slice waits for
 * the sink, and the objects of all its detections would take several times the memory of its texts and documents.
 */
export interface Pending {
  readonly record: SourceRecord;
  readonly index: number | undefined;
  readonly kind: string;
  readonly uid: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Documents that are written together. Nearly every batch is one slice; groups and very short records can make it
 * several.
 */
export interface Slice {
  readonly pending: readonly Pending[];
  readonly documents: readonly Document[];
  /** Frees the memory of the documents. */
  readonly free: (() => void) | undefined;
}

type Preparing = Pick<Stages, 'decode' | 'filter' | 'map' | 'pages' | 'observe' | 'bounds' | 'bugs'>;

/**
 * Decodes, filters and maps a batch up to the end of a slice, each time the next is requested. Members of groups
 * fill slices; records that are not groups were counted when the batch was made, and only count again if they grow
 * out of all proportion. Entries that become no document are counted here.
 */
export function* slicesOf(
  batch: Pick<Batch, 'records'>,
  stages: Preparing,
  receivedMs: number,
  tally: Tally,
  faults: Faults,
): Generator<Slice> {
  let pending: Pending[] = [];
  let documents: Document[] = [];
  let free = stages.pages?.open();

  const fail = ({ fault, index, count: by = 1 }: Extract<Decoded, { fault: Fault }>): number => {
    tally.read += by;
    addFate(tally, UNDECODABLE, 'dead_lettered', by);
    faults.add(fault, index, by);
    return 0;
  };

  const take = ({ record }: DecodedRecord, entry: Decoded): number => {
    if ('fault' in entry) return fail(entry);
    let held: string | undefined;
    let mapped: readonly Document[] = [];
    if ('detection' in entry) {
      try {
        held = stages.filter(entry.detection);
        if (held === undefined) mapped = stages.map(entry.detection);
      } catch (error) {
        return fail({ ...entry, fault: stages.bugs.faultOf(error, record) });
      }
    }
    faults.sound();
    tally.read += 1;
    if ('filtered' in entry) {
      count(tally.filters, entry.filtered);
      addFate(tally, `(${entry.filtered})`, 'filtered');
      return 0;
    }
    const { detection } = entry;
    note(tally, detection);
    if (held !== undefined) {
      count(tally.filters, held);
      addFate(tally, detection.id, 'filtered');
      return 0;
    }
    stages.observe?.(detection, mapped);
    const from = documents.length;
    for (const { warning } of mapped) if (warning !== undefined) count(tally.warnings, warning);
    documents.push(...mapped);
    const { id: kind, uid } = detection;
    pending.push({ record, index: entry.index, kind, uid, from, to: documents.length });
    return sizeOf(mapped);
  };

  const reads = decodeSafely(batch.records, (records) => stages.decode(records, receivedMs), stages.bugs);
  const visitor = { enter: ({ record }: DecodedRecord) => faults.enter(record), take };
  for (const _ of walk(reads, stages, visitor)) {
    yield { pending, documents, free };
    pending = [];
    documents = [];
    free = stages.pages?.open();
  }
  yield { pending, documents, free };
}

function sizeOf(documents: readonly Document[]): number {
  let bytes = 0;
  for (const { json } of documents) bytes += json.length;
  return bytes;
}

function note(tally: Tally, detection: Detection): void {
  if (detection.change !== undefined) tally.state_changes += 1;
  if (!detection.time_is_receipt && detection.time > tally.latest) tally.latest = detection.time;
  for (const warning of detection.warnings) count(tally.warnings, warning);
  for (const [rule, by] of detection.masks ?? []) count(tally.redactions, rule, by);
  if (detection.profile.reads === null) {
    count(tally.unknownKinds, detection.id);
  } else if (detection.unmapped !== undefined) {
    for (const field of Object.keys(detection.unmapped).filter(isNews))
      count(tally.unknownFields, `${detection.id}.${field}`);
  }
}
