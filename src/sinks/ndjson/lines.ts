import { createReadStream } from 'node:fs';

/**
 * The lines of a file, which end in a newline and nothing else. Node's `readline` also ends them at U+2028 and U+2029 from
 * version 24 on, which JSON may hold in its strings.
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
