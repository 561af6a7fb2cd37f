import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { MAPPINGS_DIR } from '../../src/mapping/folders.ts';
import { parseMapping } from '../../src/mapping/parsed.ts';

const NAMES = readdirSync(MAPPINGS_DIR).filter((name) => name.endsWith('.yaml'));

it.each(NAMES)('the build has the contents of %s', (name) => {
  const text = readFileSync(join(MAPPINGS_DIR, name), 'utf8');
  const content = parseMapping(text);
  expect(content).toEqual(parse(text));
  // Parsing creates new objects each time: this one came from the build.
  expect(parseMapping(text)).toBe(content);
});

it('a mapping that was edited since is parsed', () => {
  const text = readFileSync(join(MAPPINGS_DIR, 'reverse-shell.yaml'), 'utf8');
  expect(parseMapping(text.replace(/^title: .*$/m, 'title: Ours'))).toMatchObject({ title: 'Ours' });
});
