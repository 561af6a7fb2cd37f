import type { ObjectRef } from './object.ts';
import { type ReadOptions, readObjects } from './reader.ts';

/**
 * The text of the record of `ref` at `offset` of its content, read again; undefined when there is none. The object is
 * read from its beginning, compressed or not, so that it is framed as it was the first time.
 */
export async function readAgain(
  ref: ObjectRef,
  offset: number,
  options: ReadOptions,
): Promise<string | undefined> {
  async function* one(): AsyncGenerator<ObjectRef, void, undefined> {
    yield ref;
  }
  for await (const { records } of readObjects(one(), options)) {
    for (const record of records) {
      if (record.offset === offset && !record.fault) return record.text;
      if (record.offset > offset) return undefined;
    }
  }
  return undefined;
}
