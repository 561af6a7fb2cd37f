import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import * as semantics from '@opentelemetry/semantic-conventions/incubating';
import { ecsField } from '../../src/mapping/lint/facts.ts';
import { datasetOf } from '../mapping/lint/cim.ts';
import { MAPPINGS } from '../mapping/samples.ts';

/** The facts that the mapping lint uses, from what their owners publish. `npm run golden` writes them. */

interface Published {
  readonly type: string;
  readonly normalize: readonly string[];
  readonly allowed_values?: readonly {
    readonly name: string;
    readonly expected_event_types?: readonly string[];
  }[];
  readonly expected_values?: readonly string[];
  readonly pattern?: string;
}
const { EcsFlat } = createRequire(import.meta.url)('@elastic/ecs') as {
  EcsFlat: Readonly<Record<string, Published>>;
};

interface Tree {
  [name: string]: string | Tree;
}

/** Names as a tree, which repeats none: `''` is the type of a field that also has fields below it. */
function treeOf(fields: readonly (readonly [string, string])[]): Tree {
  const root: Tree = {};
  for (const [name, type] of fields) {
    let branch = root;
    for (const key of name.split('.')) {
      const next = branch[key] ?? {};
      branch = branch[key] = typeof next === 'string' ? { '': next } : next;
    }
    branch[''] = type;
  }
  return folded(root) as Tree;
}

function folded(tree: Tree): Tree | string {
  const entries = Object.entries(tree).map(([key, value]): [string, Tree | string] => [
    key,
    typeof value === 'string' ? value : folded(value),
  ]);
  const [only] = entries;
  return entries.length === 1 && only?.[0] === '' ? only[1] : Object.fromEntries(entries);
}

/** Trees that occur more than once, each under a name that refers to it. */
function shared(tree: Tree): { readonly shapes: Tree; readonly fields: Tree } {
  const counts = new Map<string, number>();
  const count = (node: Tree | string): void => {
    if (typeof node === 'string') return;
    const text = JSON.stringify(node);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    for (const member of Object.values(node)) count(member);
  };
  count(tree);
  const repeated = [...counts].filter(([text, times]) => times > 1 && text.length > 40).map(([text]) => text);
  const names = new Map(repeated.map((text, nth) => [text, `@${nth}`]));
  const named = (node: Tree | string): Tree | string =>
    typeof node === 'string' ? node : (names.get(JSON.stringify(node)) ?? inside(node));
  const inside = (node: Tree): Tree =>
    Object.fromEntries(Object.entries(node).map(([key, member]) => [key, named(member)]));
  const shapes = repeated.map((text): [string, Tree] => [
    names.get(text) ?? '',
    inside(JSON.parse(text) as Tree),
  ]);
  return { shapes: Object.fromEntries(shapes), fields: inside(tree) };
}

function some<T>(read: (field: Published) => T | undefined): Record<string, T> {
  const entries = Object.entries(EcsFlat).flatMap(([name, field]): [string, T][] => {
    const value = read(field);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

const ecs = {
  about: 'The fields of ECS with their types ([] marks lists), from @elastic/ecs (Apache-2.0).',
  version: '9.4.0',
  ...shared(
    treeOf(
      Object.entries(EcsFlat).map(([name, { type, normalize }]) => [
        name,
        `${type}${normalize.includes('array') ? '[]' : ''}`,
      ]),
    ),
  ),
  values: some(
    ({ allowed_values: allowed, expected_values: expected }) => allowed?.map(({ name }) => name) ?? expected,
  ),
  patterns: some(({ pattern }) => pattern),
  event_types: Object.fromEntries(
    (EcsFlat['event.category']?.allowed_values ?? []).map(({ name, expected_event_types: types }) => [
      name,
      types ?? [],
    ]),
  ),
  opentelemetry: Object.values(semantics)
    .flatMap((name) => (typeof name === 'string' && /^(?:cicd|vcs)\.[a-z_.]+$/.test(name) ? [name] : []))
    .sort(),
};

const oracle = JSON.parse(
  readFileSync(new URL('../oracles/cim-fields.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
const cim = {
  about: 'The fields of the data models that _common.yaml has, from pytest-splunk-addon (Apache-2.0).',
  says_nothing: oracle['invalid_field_values'],
  reserved: oracle['never_extract_in_add_on'],
  tagged: oracle['auto_tags_of_splunk_sa_cim'],
  models: Object.fromEntries(
    Object.keys(MAPPINGS.common.cim.models).map((model) => [
      model,
      Object.fromEntries(
        Object.entries(datasetOf(model)?.fields ?? {}).map(([name, { values, validity, dtype }]) => [
          name,
          { values, validity, ...(dtype === 'number' ? { dtype } : {}) },
        ]),
      ),
    ]),
  ),
};

/** One line for each member, and for each of their members. */
function print(facts: object): string {
  const lines = Object.entries(facts).map(([name, value]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    const members = Object.entries(value as object).map(
      ([key, member]) => `    ${JSON.stringify(key)}: ${JSON.stringify(member)}`,
    );
    return `  ${JSON.stringify(name)}: {\n${members.join(',\n')}\n  }`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

test('the lint knows each ECS field as Elastic publishes it', () => {
  for (const [name, { type, normalize }] of Object.entries(EcsFlat))
    expect([name, ecsField(name)]).toEqual([
      name,
      {
        type,
        list: normalize.includes('array'),
        values: ecs.values[name],
        pattern: ecs.patterns[name],
      },
    ]);
  expect(ecsField('process.nothing')).toBeUndefined();
  expect(ecsField('process.pid.nothing')).toBeUndefined();
  expect(ecsField('constructor')).toBeUndefined();
});

test.each(Object.entries({ 'ecs.json': ecs, 'cim.json': cim }))('%s is what is published', (name, facts) => {
  const path = new URL(`../../facts/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, print(facts));
  expect(readFileSync(path, 'utf8')).toBe(print(facts));
});
