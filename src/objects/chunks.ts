import type { Fault, SourceRecord } from '../contracts/types.ts';
import { FramedRecord } from '../records/framed.ts';
import type { Chunk, FailedObject, ObjectRef, ResumePoint } from './object.ts';

/** Gathers records and what became of objects into chunks within bounds. */
export interface ChunkBuilder {
  /** A record of the object being read, with its size, and where to go on behind it. */
  add(record: SourceRecord, bytes: number, resume: ResumePoint): void;
  /** The object being read ended: all its records are in. */
  done(ref: ObjectRef): void;
  /** `entered`: where the object being read was gone on with, for one that gave nothing more. */
  failed(ref: ObjectRef, fault: Fault, entered?: ResumePoint): void;
  missed(ref: ObjectRef): void;
  /** Full chunks, oldest first. */
  take(): Chunk | undefined;
  /** What is there although it is not full; undefined when there is nothing. */
  flush(): Chunk | undefined;
  /** True when `flush` would give something. */
  readonly pending: boolean;
}

/** So many objects without a record make a chunk too, so that progress is made while there is nothing to deliver. */
const MAX_OUTCOMES = 10_000;
/** Pieces that are mostly something else than records, such as white space, may outweigh them so many times, … */
const MAX_WASTE = 4;
/** … or up to here, which is not worth a look. */
const SMALL_WASTE = 2 ** 20;

export function createChunkBuilder(bounds: {
  readonly maxBytes: number;
  readonly maxRecords: number;
}): ChunkBuilder {
  const maxHeld = Math.max(bounds.maxBytes * MAX_WASTE, SMALL_WASTE);
  const full: Chunk[] = [];
  let records: SourceRecord[] = [];
  let bytes = 0;
  /** The memory that the records lie in, and its bytes. Small pieces may share it, and not one behind the other. */
  let pieces = new Set<ArrayBufferLike>();
  let held = 0;
  let resume: ResumePoint | undefined;
  /** As `resume`, but kept when the chunk is cut: the object that fails may have given all its records before. */
  let last: ResumePoint | undefined;
  let done: ObjectRef[] = [];
  let failed: FailedObject[] = [];
  let missed: ObjectRef[] = [];

  const isPending = (): boolean => records.length + done.length + failed.length + missed.length > 0;

  const cut = (): Chunk => {
    const chunk: Chunk = { records, bytes, done, failed, missed, ...(resume && { resume }) };
    records = [];
    bytes = 0;
    pieces = new Set();
    held = 0;
    resume = undefined;
    done = [];
    failed = [];
    missed = [];
    return chunk;
  };

  const hold = (record: SourceRecord): void => {
    if (!(record instanceof FramedRecord)) return;
    const { buffer } = record.bytes;
    if (pieces.has(buffer)) return;
    pieces.add(buffer);
    held += buffer.byteLength;
  };

  const isFull = (): boolean =>
    records.length >= bounds.maxRecords || bytes >= bounds.maxBytes || held > maxHeld;

  /** The outcome of an object: it goes on no more. */
  const ended = (): void => {
    resume = last = undefined;
    if (done.length + failed.length + missed.length >= MAX_OUTCOMES) full.push(cut());
  };

  return {
    add(record, size, point) {
      if (records.length > 0 && bytes + size > bounds.maxBytes) full.push(cut());
      records.push(record);
      bytes += size;
      hold(record);
      resume = last = point;
      if (isFull()) full.push(cut());
    },
    done(ref) {
      done.push(ref);
      ended();
    },
    failed(ref, fault, entered) {
      const point = last?.key === ref.key ? last : entered;
      failed.push({ ref, fault, ...(point && { resume: point }) });
      ended();
    },
    missed(ref) {
      missed.push(ref);
      ended();
    },
    take: () => full.shift(),
    flush: () => (isPending() ? cut() : undefined),
    get pending() {
      return isPending();
    },
  };
}
