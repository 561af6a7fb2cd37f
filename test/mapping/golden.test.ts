import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from '@jest/globals';
import { cimOf, ecsOf } from './documents.ts';
import { readSamples } from './samples.ts';

/**
 * What every sample becomes, one file per sample file and schema, read in review. `npm run golden` writes them anew;
 * here they are compared as text, since the order of fields is part of what readers see.
 */
const UPDATE = process.env.UPDATE_GOLDEN === '1';
const GOLDEN = { ecs: folder('ecs'), cim: folder('cim') };
const samples = readSamples();

function folder(schema: string): string {
  return fileURLToPath(new URL(`../golden/${schema}/`, import.meta.url));
}

if (UPDATE) {
  for (const [schema, dir] of Object.entries(GOLDEN)) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    for (const { name, detections } of samples) {
      const documents = schema === 'ecs' ? ecsOf(detections) : cimOf(detections);
      writeFileSync(`${dir}${name}.json`, print(documents));
    }
  }
}

function print(documents: unknown): string {
  return `${JSON.stringify(documents, null, 2)}\n`;
}

describe.each(samples)('$name', ({ name, detections }) => {
  it('becomes its golden ECS documents', () => {
    expect(print(ecsOf(detections))).toBe(readFileSync(`${GOLDEN.ecs}${name}.json`, 'utf8'));
  });

  it('becomes its golden CIM events', () => {
    expect(print(cimOf(detections))).toBe(readFileSync(`${GOLDEN.cim}${name}.json`, 'utf8'));
  });
});

test.each(Object.values(GOLDEN))('%s holds a file for each sample and no other', (dir) => {
  expect(readdirSync(dir).sort()).toEqual(samples.map(({ name }) => `${name}.json`).sort());
});
