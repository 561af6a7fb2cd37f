import { UnavailableError } from '../contracts/errors.ts';
import type { Batch } from '../contracts/types.ts';
import { printable } from '../text/printable.ts';
import { type Attempts, isLastAttempt, objectId } from './identity.ts';
import { objectLetter } from './letter.ts';
import type { Chunk, ObjectRef } from './object.ts';

export interface BatchesOptions {
  /** `s3` or `file`, for the origin of an object-level dead letter. */
  readonly source: string;
  /** Failed runs per object as last saved. Only read here; `countAttempts` changes it. */
  readonly attempts: ReadonlyMap<string, number>;
  /**
   * Makes progress: called once per chunk, strictly in reading order, when everything up to its end is acked. An
   * object that failed for the last time is already in `done` (its dead letter was in the batch); one that will be
   * retried is in `failed`.
   */
  settle(chunk: Chunk): void;
}

/**
 * Chunks as batches. Acks may come in any order; a chunk is settled when it and all chunks before it are acked, and
 * one without records needs no ack of its own, unless it is urgent. If objects could not be read, throws
 * `UnavailableError` after everything else was yielded, so that the rest is delivered and the run ends with exit 4.
 * An object that fails in a third run becomes one record with the fault `object_unreadable` instead.
 */
export async function* batches(
  chunks: AsyncIterable<Chunk>,
  options: BatchesOptions,
): AsyncGenerator<Batch, void, undefined> {
  const waiting: { chunk: Chunk; acked: boolean }[] = [];
  const settleFront = (): void => {
    let count = 0;
    for (const entry of waiting) {
      if (!entry.acked) break;
      options.settle(entry.chunk);
      count += 1;
    }
    waiting.splice(0, count);
  };
  let failures = 0;
  let example = '';
  for await (const read of chunks) {
    const chunk = buryPoison(read, options);
    for (const { ref, fault } of chunk.failed) {
      failures += 1;
      if (example === '') example = `${printable(ref.uri)}: ${fault.reason}`;
    }
    const entry = { chunk, acked: chunk.records.length === 0 && chunk.urgent !== true };
    waiting.push(entry);
    if (entry.acked) {
      settleFront();
      continue;
    }
    yield {
      records: chunk.records,
      bytes: chunk.bytes,
      ...(chunk.urgent && { urgent: chunk.urgent }),
      ack: () => {
        entry.acked = true;
        settleFront();
      },
    };
  }
  if (failures > 0) {
    throw new UnavailableError(
      `${failures} object${failures === 1 ? '' : 's'} could not be read, for example ${example}; all others were read; the next run retries`,
    );
  }
}

/** Moves objects that fail for the last time from `failed` to `done`, with a record that says so. */
function buryPoison(chunk: Chunk, options: BatchesOptions): Chunk {
  const last = chunk.failed.filter(({ ref }) => isLastAttempt(options.attempts, ref));
  if (last.length === 0) return chunk;
  const letters = last.map(({ ref, fault, resume }) => {
    const reason = `could not be read in three runs (${fault.code}): ${fault.reason}`;
    return objectLetter(options.source, ref, { code: 'object_unreadable', reason }, resume);
  });
  return {
    ...chunk,
    records: [...chunk.records, ...letters],
    done: [...chunk.done, ...last.map(({ ref }) => ref)],
    failed: chunk.failed.filter((failed) => !last.includes(failed)),
  };
}

/** Adds a settled chunk to the attempts: failed objects count up, done and missed ones are forgotten. */
export function countAttempts(attempts: Attempts, chunk: Chunk): void {
  for (const { ref } of chunk.failed) {
    const id = objectId(ref);
    attempts.set(id, (attempts.get(id) ?? 0) + 1);
  }
  if (attempts.size === 0) return;
  const forget = (ref: ObjectRef): boolean => attempts.delete(objectId(ref));
  chunk.done.forEach(forget);
  chunk.missed.forEach(forget);
}
