import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { walk } from '../config/options-of.ts';
import { ROOT, read } from '../markdown.ts';
import { referenceOf, type Schema } from './reference.ts';

const PAGE = 'docs/configuration-reference.md';
const schema = JSON.parse(read('schemas/config.schema.json')) as Schema;

describe('the configuration reference', () => {
  it('is what the schema says; `npm run golden` writes it', () => {
    const current = referenceOf(schema);
    const path = join(ROOT, PAGE);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, current);
    expect(readFileSync(path, 'utf8')).toBe(current);
  });

  it('has every option, with a type and a meaning', () => {
    const rows = [...read(PAGE).matchAll(/^\| `([^`]+)` \| (.*?) \| (.*?) \| (.*?) \|$/gm)];
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(([, , type, , meaning = '']) => type === '' || meaning.length < 10)).toEqual([]);
    const named = new Set(rows.flatMap(([, path = '']) => path.split('.').at(-1) ?? ''));
    const heads = [...read(PAGE).matchAll(/^## `(\w+)`$/gm)].map(([, name = '']) => name);
    // `type` is in the headings.
    const keys = new Set([...walk(schema, '')].map(({ key }) => key).filter((key) => key !== 'type'));
    expect([...keys].filter((key) => !named.has(key) && !heads.includes(key))).toEqual([]);
  });

  it.each<[string, Schema, string]>([
    [
      'required',
      { type: 'object', properties: { path: { type: 'string', description: 'Where.' } }, required: ['path'] },
      '| `path` | text | *required* | Where. |',
    ],
    [
      'a size',
      {
        type: 'object',
        properties: { a: { type: 'integer', minimum: 1, maximum: 9, default: 2, description: 'A.' } },
      },
      '| `a` | whole number, 1 to 9 | `2` | A. |',
    ],
    [
      'a secret',
      { type: 'object', properties: { a: { type: 'string', writeOnly: true, description: 'A.' } } },
      '| `a` | secret | – | A. |',
    ],
    [
      'characters that Markdown would interpret',
      { type: 'object', properties: { a: { type: 'string', description: 'a | <b> `<c>` *' } } },
      '| `a` | text | – | a \\| &lt;b> `<c>` \\* |',
    ],
  ])('%s', (_, section, row) => {
    expect(referenceOf({ properties: { section } })).toContain(`${row}\n`);
  });
});
