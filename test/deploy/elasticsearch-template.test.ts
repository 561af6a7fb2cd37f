import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { flatten } from '../../src/mapping/lint/flatten.ts';
import { isMarked } from '../../src/sinks/elasticsearch/marker.ts';
import { documentsOf } from '../mapping/documents.ts';
import { VENDOR_FIELDS } from '../mapping/lint/ecs.ts';
import { MAPPINGS, readSamples } from '../mapping/samples.ts';

const DEPLOY = new URL('../../deploy/elasticsearch/', import.meta.url);

interface Mapping {
  readonly dynamic?: boolean;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Mapping>>;
}

const { EcsFlat } = createRequire(import.meta.url)('@elastic/ecs') as {
  EcsFlat: Readonly<Record<string, { readonly type: string }>>;
};

function declared(component: string): Map<string, string> {
  return new Map(typesOf(template(component).mappings, ''));
}

function template(component: string): { readonly mappings: Mapping } {
  const url = new URL(`component-templates/${component}.json`, DEPLOY);
  return (JSON.parse(readFileSync(url, 'utf8')) as { template: { mappings: Mapping } }).template;
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

test('every ECS field is declared with its ECS type', () => {
  const wrong = [...ecs].filter(
    ([field, type]) => EcsFlat[field] !== undefined && EcsFlat[field].type !== type,
  );
  expect(wrong).toEqual([]);
});

/** Fields that the ingest pipeline adds, also when it fails, and the constants of the index templates. */
const BY_CLUSTER =
  /^(?:data_stream\.(?:type|dataset)|event\.ingested|error\.message|destination\.(?:registered_domain|subdomain|top_level_domain|geo\..+|as\..+))$/;
/** Objects whose members are not listed. */
const WHOLE = new Set(['labels', 'stepsecurity.unmapped', 'stepsecurity.pr_check.failure_data']);

const written = new Set(
  readSamples()
    .flatMap(({ detections }) => detections)
    .flatMap((detection) => documentsOf(detection, { preserveOriginal: true, labels: { team: 'red' } }))
    .flatMap((document) => flatten(document, (field) => WHOLE.has(field)))
    .map(({ field }) => field),
);

/** True for fields, and members of objects, that a rule in `_common` writes. */
const isShared = (field: string): boolean =>
  Object.keys(MAPPINGS.common.ecs).some((name) => field === name || field.startsWith(`${name}.`));

test('every field shared by all kinds is declared', () => {
  expect([...written].filter((field) => isShared(field) && !ours.has(field) && !ecs.has(field))).toEqual([]);
});

test('a field of a single kind needs no declaration', () => {
  const own = [...written].filter((field) => !ours.has(field) && !ecs.has(field));
  // Elasticsearch's own ecs@mappings covers the ECS fields.
  const others = own.filter((field) => !field.startsWith('stepsecurity.') && EcsFlat[field] === undefined);
  expect(others).toEqual([]);
  const { mappings } = template('logs-stepsecurity@package');
  expect(mappings.properties?.['stepsecurity']?.dynamic).toBe(true);
  // Text is a keyword, whatever its name: ecs@mappings would map `device_ip` as an address and reject any other value.
  expect(mappings).toMatchObject({
    date_detection: false,
    dynamic_templates: [
      {
        stepsecurity_texts: {
          path_match: 'stepsecurity.*',
          match_mapping_type: 'string',
          mapping: { type: 'keyword', ignore_above: 1024 },
        },
      },
    ],
  });
});

const indexTemplates = readdirSync(new URL('index-templates/', DEPLOY)).map(
  (name) =>
    JSON.parse(readFileSync(new URL(`index-templates/${name}`, DEPLOY), 'utf8')) as {
      readonly index_patterns: readonly string[];
      readonly composed_of: readonly string[];
      readonly template: unknown;
    },
);

test("our templates come before Elasticsearch's, so that theirs do not win", () => {
  const ofDetections = indexTemplates.filter(({ index_patterns: [pattern] }) => pattern?.startsWith('logs-'));
  expect(ofDetections).toHaveLength(3);
  for (const { composed_of: parts } of ofDetections) {
    expect(parts.indexOf('logs-stepsecurity@package')).toBeGreaterThan(-1);
    expect(parts.indexOf('logs-stepsecurity@package')).toBeLessThan(parts.indexOf('ecs@mappings'));
  }
});

test('our templates mark the data streams created from them', () => {
  for (const { template } of indexTemplates) expect(isMarked(template)).toBe(true);
});

test('every declared field is written, by us or by the pipeline', () => {
  const unwritten = [...ours.keys(), ...ecs.keys()].filter((field) => !written.has(field));
  expect(unwritten.filter((field) => !BY_CLUSTER.test(field))).toEqual([]);
  expect(unwritten.length).toBeGreaterThan(0);
});

test('detections are stored as they were sent, whatever index mode a cluster would choose', () => {
  const url = new URL('component-templates/logs-stepsecurity@package.json', DEPLOY);
  const { settings } = (
    JSON.parse(readFileSync(url, 'utf8')) as { template: { settings: { index: { mode: string } } } }
  ).template;
  expect(settings.index.mode).toBe('standard');
});
