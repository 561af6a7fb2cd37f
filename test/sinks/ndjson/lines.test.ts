import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { linesOf } from '../../../src/sinks/ndjson/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each<[string, string, string[]]>([
  ['nothing', '', []],
  ['an unterminated last line', 'a\nb', ['a', 'b']],
  ['empty lines', '\n\na\n', ['', '', 'a']],
  ['separators that JSON may contain', 'a\u2028b\u2029c\u0085d\re\nf\n', ['a\u2028b\u2029c\u0085d\re', 'f']],
  ['lines longer than a piece', `${'é'.repeat(100_000)}\nb\n`, ['é'.repeat(100_000), 'b']],
])('yields %s', async (name, content, lines) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  const found: string[] = [];
  for await (const line of linesOf(path)) found.push(line);
  expect(found).toEqual(lines);
});
