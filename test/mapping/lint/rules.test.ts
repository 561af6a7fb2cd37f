import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { SCHEMAS } from '../../../src/contracts/schema.ts';
import { MAPPINGS_DIR } from '../../../src/mapping/folders.ts';
import { fileNameOf } from '../../../src/mapping/load.ts';
import { detectionOf, MAPPINGS, readSamples } from '../samples.ts';
import { datasetOf } from './cim.ts';
import { RULES, unexercised, unspoken } from './rules.ts';

const samples = readSamples();
const detections = samples.flatMap((sample) => sample.detections);
const exported = samples.filter(({ odd }) => !odd).flatMap((sample) => sample.detections);
const files = [...MAPPINGS.kinds, MAPPINGS.unknown];
const { common } = MAPPINGS;

describe.each(files.map((file) => ({ ...file, name: file.detection })))('the mapping of $name', (file) => {
  const own = detections.filter(({ profile }) => profile.kind === file.detection);
  const real = exported.filter(({ profile }) => profile.kind === file.detection);
  const plain = own.filter(({ change }) => change === undefined);

  it('has a sample file with its name', () => {
    const name = file.detection === '_unknown' ? 'unknown-kind' : fileNameOf(file.detection);
    const held = samples.filter((sample) => sample.name.replace('.synthetic', '') === name);
    expect(held).toHaveLength(1);
    expect(held[0]?.detections.every(({ profile }) => profile.kind === file.detection)).toBe(true);
  });

  it.each(SCHEMAS)('has no rule of %s without an example', (schema) => {
    expect(RULES[schema].kind(file).flatMap((fields) => unexercised(fields, plain))).toEqual([]);
  });

  it('has no reason without an example', () => {
    expect(unspoken(file.reason, plain)).toEqual([]);
  });

  it('names models that exist', () => {
    for (const model of [file.cim.model, file.cim.activity?.model ?? file.cim.model]) {
      expect(datasetOf(model)?.tags).toBeDefined();
      expect(common.cim.models[model]).toBeDefined();
    }
  });

  it('has the vendor’s title, whichever source names it', () => {
    const named = real.filter(({ payload }) => file.dataset === 'detection' && 'name' in payload);
    if (file.detection === '_unknown') return expect(file.title).toBe('Unknown Detection');
    const names = named.map(({ name, dry_run: dry }) => (dry ? name.replace(/ \(dry run\)$/, '') : name));
    // One of the vendor's pages capitalizes a title differently.
    for (const name of names) expect(name.toLowerCase()).toBe(file.title.toLowerCase());
  });
});

test('every rule of _common has an example', () => {
  const rules = SCHEMAS.flatMap((schema) => RULES[schema].common(common));
  expect(rules.flatMap((fields) => unexercised(fields, detections))).toEqual([]);
  expect(
    unspoken(
      common.change_reason,
      detections.filter(({ change }) => change !== undefined),
    ),
  ).toEqual([]);
  const named = detections.filter(({ tool, process }) => tool !== undefined && process === undefined);
  expect(unspoken(common.program, named)).toEqual([]);
  const silent = detections.filter(({ change, profile }) => {
    const file = files.find(({ detection }) => detection === profile.kind);
    return change === undefined && file?.reason.length === 0;
  });
  expect(unspoken(common.reason.slice(0, 1), silent)).toEqual([]);
  expect(unspoken(common.reason, [...silent, detectionOf({ id: 'Agent-Tampered' })])).toEqual([]);
});

test.each(Object.entries(common.cim.models))('every rule of %s has an example', (model, fields) => {
  const kinds = files.filter(({ cim }) => cim.model === model || cim.activity?.model === model);
  const own = detections.filter(({ profile }) => kinds.some(({ detection }) => detection === profile.kind));
  expect(own.length).toBeGreaterThan(0);
  expect(unexercised(fields, own)).toEqual([]);
});

test('a sample of an unpublished payload says so', () => {
  const unpublished = files
    .filter((file) => /payload is not published/.test(textOf(file.detection)))
    .map(({ detection }) => fileNameOf(detection));
  const synthetic = readdirSync(new URL('../../../samples', import.meta.url))
    .flatMap((name) => /^(.+)\.synthetic\./.exec(name)?.[1] ?? [])
    .filter((name) => name !== 'unknown-kind');
  expect(synthetic.sort()).toEqual(unpublished.sort());
});

function textOf(kind: string): string {
  return readFileSync(`${MAPPINGS_DIR}/${kind === '_unknown' ? kind : fileNameOf(kind)}.yaml`, 'utf8');
}

test('an unused rule, alternative, entry, default or reason is found', () => {
  const own = detections.filter(({ profile, change }) => profile.kind === 'Domain-Blocked' && !change);
  expect(
    unexercised(
      {
        a: '$payload.never',
        b: { from: ['uid', 'name'] },
        c: { from: 'action', map: { blocked: 1, allowed: 2 }, default: 3 },
        d: { from: 'action', as: 'integer' },
        e: 'a literal',
      },
      own,
    ),
  ).toEqual(['a', 'b name', 'c allowed →', 'c default', 'd action']);
  expect(unspoken(['{payload.never}', '{uid}', '{name}'], own)).toEqual(['{payload.never}', '{name}']);
});
