import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it, test } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { SCHEMAS, type Schema, UID_FIELDS } from '../../src/contracts/schema.ts';
import { flatten } from '../../src/mapping/lint/flatten.ts';
import { OUTPUT_SCHEMAS } from '../../src/mapping/schemas/index.ts';
import type { OutputSchema } from '../../src/mapping/schemas/schema.ts';
import { ROOT } from '../markdown.ts';
import { documentsOf } from './documents.ts';
import { readSamples } from './samples.ts';

type Registry<Name extends string> = { readonly [Each in Name]: OutputSchema<Each> };

test('a schema that is not registered, or is registered under another name, does not compile', () => {
  OUTPUT_SCHEMAS satisfies Registry<Schema>;
  // @ts-expect-error: a schema that nothing writes.
  OUTPUT_SCHEMAS satisfies Registry<Schema | 'third'>;
  // @ts-expect-error: each would write the other's section.
  ({ ecs: OUTPUT_SCHEMAS.cim, cim: OUTPUT_SCHEMAS.ecs }) satisfies Registry<Schema>;
  // @ts-expect-error: nothing checks the section of its name.
  ({ ...OUTPUT_SCHEMAS, ecs: { compile: OUTPUT_SCHEMAS.ecs.compile } }) satisfies Registry<Schema>;
  expect(Object.keys(OUTPUT_SCHEMAS)).toEqual([...SCHEMAS]);
});

it.each(SCHEMAS)('%s has a lint for its documents, and its uid where it says', (schema) => {
  expect(existsSync(join(ROOT, `test/mapping/lint/${schema}.test.ts`))).toBe(true);
  for (const { detections } of readSamples()) {
    for (const detection of detections) {
      const [document = {}] = documentsOf(detection, { schema });
      const uids = flatten(document).filter(({ field }) => field === UID_FIELDS[schema]);
      expect(uids.map(({ value }) => value)).toEqual([detection.uid]);
    }
  }
});

const SRC = join(ROOT, 'src');

/** The files that a file loads on import: types are gone by then, and `import()` comes later. */
function loadedBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, names = '', target = ''] of text.matchAll(/^(?:import|export) ([^;]*?)from '(\.[^']+)'/gms))
    if (!names.startsWith('type ')) loadedBy(join(dirname(file), target), found);
  return found;
}

test('the program lists the schemas and loads none of their code until a command runs', () => {
  const loaded = [...loadedBy(join(SRC, 'program.ts'))].map((file) => relative(SRC, file));
  expect(loaded).toContain('contracts/schema.ts');
  expect(loaded.filter((file) => file.startsWith('mapping/'))).toEqual([]);
});

test('the writer has one entry point', () => {
  const inside = join(SRC, 'mapping/writer');
  const used = globSync('**/*.ts', { cwd: SRC, absolute: true })
    .filter((file) => dirname(file) !== inside)
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/'([^']*\/writer\/[^']+)'/g)].map(([, target = '']) =>
        join(dirname(file), target),
      ),
    );
  expect(used.length).toBeGreaterThan(4);
  expect([...new Set(used)]).toEqual([join(inside, 'index.ts')]);
});
