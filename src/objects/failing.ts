import type { Log } from '../contracts/types.ts';
import type { Chunk } from './object.ts';

/** This many failing objects are logged individually; one more line has the number of the others. */
const NAMED = 20;

/** Passes chunks through and logs each object that failed in them. */
export async function* namingFailed(
  chunks: AsyncIterable<Chunk>,
  log: Log,
  sentence = 'an object could not be read',
): AsyncGenerator<Chunk, void, undefined> {
  let failed = 0;
  try {
    for await (const chunk of chunks) {
      for (const { ref, fault } of chunk.failed) {
        failed += 1;
        if (failed <= NAMED) log.warn({ object: ref.uri, code: fault.code, reason: fault.reason }, sentence);
      }
      yield chunk;
    }
  } finally {
    if (failed > NAMED) log.warn({ objects: failed - NAMED }, `${sentence}: the same for more objects`);
  }
}
