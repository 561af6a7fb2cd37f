import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { flatten } from '../../src/mapping/lint/flatten.ts';
import { documentsOf } from '../mapping/documents.ts';
import { VENDOR_FIELDS } from '../mapping/lint/ecs.ts';
import { readSamples } from '../mapping/samples.ts';

interface Mapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapping>>;
}

const { EcsFlat } = createRequire(import.meta.url)('@elastic/ecs') as {
  EcsFlat: Readonly<Record<string, { readonly type: string }>>;
};

function declared(component: string): Map<string, string> {
  const url = new URL(`../../deploy/elasticsearch/component-templates/${component}.json`, import.meta.url);
  const { template } = JSON.parse(readFileSync(url, 'utf8')) as { template: { mappings: Mapping } };
  return new Map(typesOf(template.mappings, ''));
}

function typesOf({ type, properties = {} }: Mapping, field: string): [string, string][] {
  const own: [string, string][] = type === undefined || field === '' ? [] : [[field, type]];
  const members = Object.entries(properties).flatMap(([key, mapping]) =>
    typesOf(mapping, field === '' ? key : `${field}.${key}`),
  );
  return [...own, ...members];
}

const ours = declared('logs-stepsecurity@package');
const ecs = declared('logs-stepsecurity@ecs');

test.each(Object.entries(VENDOR_FIELDS))('%s is declared as %s', (field, type) => {
  expect(ours.get(field)).toBe(type.replace('[]', ''));
});

test('every ECS field is declared with the type that ECS gives it', () => {
  const wrong = [...ecs].filter(
    ([field, type]) => EcsFlat[field] !== undefined && EcsFlat[field].type !== type,
  );
  expect(wrong).toEqual([]);
});

/** What the ingest pipeline adds, and with what. */
const BY_PIPELINE =
  /^(?:event\.ingested|error\.message|destination\.(?:registered_domain|subdomain|top_level_domain|geo\..+|as\..+))$/;
/** Objects whose members nobody lists. */
const WHOLE = new Set(['labels', 'stepsecurity.unmapped', 'stepsecurity.pr_check.failure_data']);

const written = new Set(
  readSamples()
    .flatMap(({ detections }) => detections)
    .flatMap((detection) => documentsOf(detection, { preserveOriginal: true, labels: { team: 'red' } }))
    .flatMap((document) => flatten(document, (field) => WHOLE.has(field)))
    .map(({ field }) => field),
);

test('every field that is written is declared', () => {
  expect([...written].filter((field) => !ours.has(field) && !ecs.has(field))).toEqual([]);
});

test('every field that is declared is written, by us or by the pipeline', () => {
  const unwritten = [...ours.keys(), ...ecs.keys()].filter((field) => !written.has(field));
  expect(unwritten.filter((field) => !BY_PIPELINE.test(field))).toEqual([]);
  expect(unwritten.length).toBeGreaterThan(0);
});
