import type { Fault, SourceRecord } from '../contracts/types.ts';
import { FramedRecord } from '../records/framed.ts';
import type { Chunk, FailedObject, ObjectRef, ResumePoint } from './object.ts';

/** Collects records and outcomes of objects into bounded chunks. */
export interface ChunkBuilder {
  /** A record of the object being read, with its size, and where to resume after it. */
  add(record: SourceRecord, bytes: number, resume: ResumePoint): void;
  /** The object being read has ended: all its records were added. */
  done(ref: ObjectRef): void;
  /** `entered`: where reading of the object was resumed, in case it yielded nothing more. */
  failed(ref: ObjectRef, fault: Fault, entered?: ResumePoint): void;
  missed(ref: ObjectRef): void;
  /** Full chunks, oldest first. */
  take(): Chunk | undefined;
  /** The unfinished chunk; undefined if there is nothing in it. */
  flush(): Chunk | undefined;
  /** Whether `flush` would return a chunk. */
  readonly pending: boolean;
}

/**
 * This many objects without records also make a chunk, so that there is progress even if there is nothing to
 * deliver.
 */
const MAX_OUTCOMES = 10_000;
/**
 * Pieces that consist mostly of something other than records, such as white space, may be this many times larger
 * than the records, …
 */
const MAX_WASTE = 4;
/** … or up to this size, which does not matter. */
const SMALL_WASTE = 2 ** 20;

export function createChunkBuilder(bounds: {
  readonly maxBytes: number;
  readonly maxRecords: number;
}): ChunkBuilder {
  const maxHeld = Math.max(bounds.maxBytes * MAX_WASTE, SMALL_WASTE);
  const full: Chunk[] = [];
  let records: SourceRecord[] = [];
  let bytes = 0;
  /** The memory that the records are in, and its size. Small pieces may share memory, and not consecutively. */
  let pieces = new Set<ArrayBufferLike>();
  let held = 0;
  let resume: ResumePoint | undefined;
  /** Like `resume`, but kept when the chunk is cut: an object that fails may already have yielded all its records. */
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

  /** An object has its outcome and does not continue. */
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
