import type { SourceRecord } from '../contracts/types.ts';
import type { ObjectRef } from './object.ts';
import { type ReadOptions } from './read-options.ts';
import { readObjects } from './reader.ts';

/**
 * The records of `ref` from one offset in its content to another, both included, read again. The object is read
 * from its beginning, compressed or not, so that it is framed as it was the first time. If it cannot be read to the
 * end of the range, the last record has a fault that says so.
 */
export async function* readRange(
  ref: ObjectRef,
  from: number,
  to: number,
  options: ReadOptions,
): AsyncGenerator<SourceRecord, void, undefined> {
  async function* one(): AsyncGenerator<ObjectRef, void, undefined> {
    yield ref;
  }
  let offset = 0;
  for await (const { records, failed } of readObjects(one(), options)) {
    for (const record of records) {
      offset = record.offset;
      if (offset > to) return;
      if (offset >= from) yield record;
    }
    for (const { fault } of failed) {
      const origin = { source: options.source, uri: ref.uri, version: ref.version };
      yield { text: '', origin, offset, fault: { ...fault, whole: true } };
    }
  }
}
