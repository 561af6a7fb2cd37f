import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from '@jest/globals';
import { SCHEMAS, type Schema } from '../../src/contracts/schema.ts';
import { GOLDEN } from './documents.ts';
import { readSamples } from './samples.ts';

/**
 * The documents of every sample, one file per sample file and schema, read in review. `npm run golden` rewrites them;
 * here they are compared as text, since readers see the order of fields.
 */
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const ROOT = fileURLToPath(new URL('../golden/', import.meta.url));
const samples = readSamples();
const folder = (schema: Schema): string => `${ROOT}${schema}/`;

if (UPDATE) {
  for (const schema of SCHEMAS) {
    rmSync(folder(schema), { recursive: true, force: true });
    mkdirSync(folder(schema), { recursive: true });
    for (const { name, detections } of samples)
      writeFileSync(`${folder(schema)}${name}.json`, print(GOLDEN[schema](detections)));
  }
}

function print(documents: unknown): string {
  return `${JSON.stringify(documents, null, 2)}\n`;
}

describe.each(SCHEMAS)('%s', (schema) => {
  it.each(samples)('$name becomes its golden documents', ({ name, detections }) => {
    expect(print(GOLDEN[schema](detections))).toBe(readFileSync(`${folder(schema)}${name}.json`, 'utf8'));
  });

  it('has a file for each sample and no other', () => {
    expect(readdirSync(folder(schema)).sort()).toEqual(samples.map(({ name }) => `${name}.json`).sort());
  });
});

test('each folder belongs to a schema', () => {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter((one) => one.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...SCHEMAS].sort());
});
