import { createReadStream } from 'node:fs';

/**
 * The lines of a file, split only at newlines. From version 24 on, Node's `readline` also splits at U+2028 and U+2029,
 * which JSON strings may contain.
 */
export async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = `${rest}${piece as string}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
