import type { Readable } from 'node:stream';
import type { Batch } from '../../contracts/types.ts';
import { batches } from '../../objects/batches.ts';
import { namingFailed } from '../../objects/failing.ts';
import type { Chunk, ObjectRef } from '../../objects/object.ts';
import { type ReadOptions } from '../../objects/read-options.ts';
import { readObjects } from '../../objects/reader.ts';

/** Standard input has no size, no version and no memory: it is read to the end, once. */
const STDIN: ObjectRef = { uri: 'stdin', key: 'stdin', version: '', size: 0, modified: 0 };

/** Everything that comes from `input`, in batches yielded soon after they arrive. */
export function readStdin(
  input: Readable,
  options: Omit<ReadOptions, 'source' | 'open'>,
): AsyncGenerator<Batch, void, undefined> {
  async function* one(): AsyncGenerator<ObjectRef, void, undefined> {
    yield STDIN;
  }
  const open = async (): Promise<Readable> => input;
  const settle = ({ done, failed }: Chunk): void => {
    options.meter.add('objects_read', done.length);
    options.meter.add('objects_failed', failed.length);
  };
  const chunks = readObjects(one(), { ...options, source: 'stdin', open });
  return batches(namingFailed(chunks, options.log), { source: 'stdin', attempts: new Map(), settle });
}
