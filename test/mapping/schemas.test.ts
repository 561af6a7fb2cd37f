import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { commonFile, kindFile } from '../../src/mapping/files.ts';
import { MAPPINGS_DIR } from '../../src/mapping/folders.ts';
import { fileNameOf } from '../../src/mapping/load.ts';
import { jsonSchemaText } from '../published/json-schema.ts';
import { MAPPINGS } from './samples.ts';

/**
 * `npm run golden` generates the published JSON Schemas from the zod schemas; editors use them while a mapping is
 * written.
 */
const SCHEMAS = { 'mapping.schema.json': kindFile, 'mapping-common.schema.json': commonFile };

function published(name: string): string {
  return fileURLToPath(new URL(`../../schemas/${name}`, import.meta.url));
}

describe.each(Object.entries(SCHEMAS))('%s', (name, schema) => {
  const text = jsonSchemaText(name, schema, 'input');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(published(name), text);

  it('is what the loader checks', () => {
    expect(readFileSync(published(name), 'utf8')).toBe(text);
  });
});

const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(published('mapping.schema.json'), 'utf8')) as object,
);

test.each(['_unknown', ...MAPPINGS.kinds.map(({ detection }) => fileNameOf(detection))])(
  'an editor reports no error in %s.yaml',
  (name) => {
    const text = readFileSync(`${MAPPINGS_DIR}/${name}.yaml`, 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/mapping.schema.json');
    expect({ valid: validate(parse(text)), errors: validate.errors }).toEqual({ valid: true, errors: null });
  },
);

test('an editor reports a key that the language does not have', () => {
  const file = parse(readFileSync(`${MAPPINGS_DIR}/reverse-shell.yaml`, 'utf8')) as object;
  expect(validate({ ...file, sevrity: 'high' })).toBe(false);
  expect(validate({ ...file, ecs: { 'a.b': { from: 'x', other: 1 } } })).toBe(false);
});
