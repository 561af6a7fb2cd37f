import type { DecodedRecord } from '../detections/decoded.ts';
import type { Detection } from '../detections/detection.ts';
import type { Mapper } from '../mapping/document.ts';
import type { Pages } from '../mapping/pages.ts';
import type { Batch, Document, Sink, SourceRecord } from '../types.ts';
import { type DeadLetter, type DeadLetters, type Failure, toLetter } from './dead-letters.ts';
import { type Fate, fateOf, worse } from './fates.ts';
import type { Filter } from './filters.ts';
import type { Limiter } from './limiter.ts';
import { count, newTally, settle, type Tally, UNDECODABLE } from './tally.ts';

/** What happens to a batch between source and ack. */
export interface Stages {
  /** Each record and what it held, in order. */
  readonly decode: (records: readonly SourceRecord[], receivedMs: number) => Iterable<DecodedRecord>;
  readonly filter: Filter;
  readonly map: Mapper;
  /** Where `map` writes: opened for each batch, and free again when it is settled. */
  readonly pages?: Pages;
  readonly sink: Sink;
  /** Absent in a dry run, where letters are only counted. */
  readonly deadLetters?: Pick<DeadLetters, 'write'>;
  /** Called before letters are written; throws to stop the run when there are too many. */
  readonly admit: (letters: number) => void;
  readonly limiter?: Limiter;
  /** Sees every detection that will be sent, for `--dry-run` and the demo. */
  readonly observe?: (detection: Detection, documents: readonly Document[]) => void;
}

/**
 * A detection under way, and where its documents lie among those of the batch. Not the detection itself: a batch waits
 * for the sink, and the objects of all its detections would weigh several times what its texts and documents do.
 */
interface Pending {
  readonly record: SourceRecord;
  readonly index: number | undefined;
  readonly kind: string;
  readonly uid: string;
  readonly from: number;
  readonly to: number;
}

/** Decodes, filters, maps and writes one batch; its dead letters are durable when this resolves. */
export async function processBatch(batch: Batch, stages: Stages, signal: AbortSignal): Promise<Tally> {
  const tally = newTally();
  const failures: Failure[] = [];
  const receivedMs = Date.now();
  const free = stages.pages?.open();
  const { pending, documents } = prepare(batch, stages, receivedMs, tally, failures);
  if (stages.limiter !== undefined) await stages.limiter.take(documents.length, signal);
  const outcomes = documents.length === 0 ? [] : await stages.sink.write(documents, signal);
  const textOf = memberText(stages, receivedMs);
  if (outcomes.length !== documents.length) {
    throw new Error(`the sink answered ${outcomes.length} outcomes for ${documents.length} documents`);
  }
  for (const one of pending) {
    const { kind, from, to } = one;
    let fate: Fate = 'duplicate';
    let droppedBy: string | undefined;
    for (let at = from; at < to; at += 1) {
      const outcome = outcomes[at];
      if (outcome === undefined) continue;
      fate = worse(fate, fateOf(outcome));
      if (outcome.fate === 'filtered') droppedBy ??= outcome.by;
      if (outcome.fate === 'rejected') failures.push(rejection(one, outcome.reason, textOf));
    }
    // Filters count detections, as the fate they explain does.
    if (fate === 'filtered' && droppedBy !== undefined) count(tally.filters, droppedBy);
    settle(tally, kind, fate);
  }
  await bury(failures, stages);
  free?.();
  return tally;
}

function prepare(
  batch: Batch,
  stages: Stages,
  receivedMs: number,
  tally: Tally,
  failures: Failure[],
): { pending: Pending[]; documents: Document[] } {
  const pending: Pending[] = [];
  const documents: Document[] = [];
  for (const { record, entries } of stages.decode(batch.records, receivedMs)) {
    for (const entry of entries) {
      tally.read += 1;
      if ('fault' in entry) {
        settle(tally, UNDECODABLE, 'dead_lettered');
        const stage = record.fault === undefined ? 'decode' : 'read';
        failures.push({
          record,
          index: entry.index,
          stage,
          code: entry.fault.code,
          reason: entry.fault.reason,
        });
        continue;
      }
      if ('filtered' in entry) {
        count(tally.filters, entry.filtered);
        settle(tally, `(${entry.filtered})`, 'filtered');
        continue;
      }
      const { detection } = entry;
      note(tally, detection);
      const held = stages.filter(detection);
      if (held !== undefined) {
        count(tally.filters, held);
        settle(tally, detection.id, 'filtered');
        continue;
      }
      const mapped = stages.map(detection);
      stages.observe?.(detection, mapped);
      pending.push({
        record,
        index: entry.index,
        kind: detection.id,
        uid: detection.uid,
        from: documents.length,
        to: documents.length + mapped.length,
      });
      documents.push(...mapped);
    }
  }
  return { pending, documents };
}

function note(tally: Tally, detection: Detection): void {
  if (detection.change !== undefined) tally.state_changes += 1;
  if (!detection.time_is_receipt && detection.time > tally.latest) tally.latest = detection.time;
  for (const warning of detection.warnings) count(tally.warnings, warning);
  if (detection.profile.reads === null) {
    count(tally.unknownKinds, detection.id);
  } else if (detection.unmapped !== undefined) {
    for (const field of Object.keys(detection.unmapped))
      count(tally.unknownFields, `${detection.id}.${field}`);
  }
}

/** Reads a group once more for the text of one member; the members of one group come one after the other. */
function memberText(stages: Pick<Stages, 'decode'>, receivedMs: number): TextOf {
  let read: DecodedRecord | undefined;
  return (record, index) => {
    if (read?.record !== record) [read] = stages.decode([record], receivedMs);
    const entry = read?.entries.find((one) => one.index === index);
    return entry !== undefined && 'detection' in entry ? JSON.stringify(entry.detection.payload) : undefined;
  };
}

type TextOf = (record: SourceRecord, index: number) => string | undefined;

function rejection({ record, index, kind, uid }: Pending, reason: string, textOf: TextOf): Failure {
  // Alone in its record, it is kept with all that came with it; of a group, only itself.
  const text = index === undefined ? undefined : textOf(record, index);
  const failure = { record, index, uid, kind, stage: 'write', code: 'rejected', reason } as const;
  return text === undefined ? failure : { ...failure, text };
}

async function bury(failures: readonly Failure[], stages: Stages): Promise<void> {
  if (failures.length === 0) return;
  const at = new Date().toISOString();
  const letters = new Map<string, DeadLetter>();
  for (const failure of failures) {
    const letter = toLetter(failure, at);
    letters.set(letter.id, letter);
  }
  stages.admit(letters.size);
  await stages.deadLetters?.write([...letters.values()]);
}
