import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { type Override } from '../../src/config/override.ts';
import { defaultShaping, loadShaping } from '../../src/config/shaping.ts';
import { ConfigError } from '../../src/contracts/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const minimal = { source: { type: 'file', path: '/in' }, sink: { type: 'ndjson', path: '/out/' } };

function write(content: unknown): string {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, typeof content === 'string' ? content : stringify(content));
  return file;
}
const load = (content: unknown, overrides: readonly Override[] = [], env: NodeJS.ProcessEnv = {}) =>
  loadConfig(write(content), overrides, env);

function refusal(content: unknown, overrides: readonly Override[] = [], env: NodeJS.ProcessEnv = {}): string {
  try {
    load(content, overrides, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('was taken');
}

describe('an error names its path', () => {
  test.each<[string, object, string]>([
    ['an unknown key', { ...minimal, sorce: 1 }, 'sorce: unknown key; did you mean source?'],
    [
      'an unknown key below',
      { ...minimal, pipeline: { concurency: 2 } },
      'pipeline.concurency: unknown key; did you mean concurrency?',
    ],
    ['a missing part', { sink: minimal.sink }, 'source: missing; expected keys and values'],
    [
      'a key of another section',
      { ...minimal, source: { type: 's3', bucket: 'b', start: 'now', poll_interval: '1m' } },
      'source.poll_interval: unknown key; it belongs under pipeline',
    ],
    ['a key that resembles no other', { ...minimal, colour: 'red' }, 'colour: unknown key'],
    ['an unknown type', { ...minimal, state: { type: 'kafka' } }, 'state.type: expected file or s3'],
    [
      'a value that is nearly right',
      { ...minimal, log: { level: 'warning' } },
      'log.level: expected debug, info, warn, error or silent; did you mean warn?',
    ],
    [
      'text instead of a number',
      { ...minimal, pipeline: { concurrency: 'four' } },
      'pipeline.concurrency: expected a number, got text',
    ],
    [
      'a number out of range',
      { ...minimal, pipeline: { concurrency: 0 } },
      'pipeline.concurrency: expected at least 1',
    ],
    [
      'a number for a duration',
      { ...minimal, retry: { max_elapsed: 10 } },
      'retry.max_elapsed: expected a duration with a unit: write 10s',
    ],
    [
      'nothing',
      { ...minimal, limits: { expansion: null } },
      'limits.expansion: expected a number, got nothing',
    ],
    [
      'a URL for a bucket',
      { ...minimal, source: { type: 's3', bucket: 's3://b/a', start: 'now' } },
      'source.bucket: expected the bucket name alone, such as example-bucket: no s3:// and no path (that goes into prefixes)',
    ],
    [
      'a path in a bucket',
      { ...minimal, state: { type: 's3', bucket: 'b/a' } },
      'state.bucket: expected the bucket name alone, such as example-bucket: no s3:// and no path (that goes into prefix)',
    ],
    [
      'a prefix with braces that do not pair',
      { ...minimal, source: { type: 's3', bucket: 'b', start: 'now', prefixes: ['{{.Year}/'] } },
      'source.prefixes.0: expected a prefix such as',
    ],
    [
      'an invalid duration',
      { ...minimal, retry: { max_elapsed: 'soon' } },
      'retry.max_elapsed: expected a duration such as',
    ],
    ['an invalid severity', { ...minimal, severity: { 'Reverse-Shell': 'bad' } }, 'severity.Reverse-Shell: '],
    [
      'a label with spaces',
      { ...minimal, labels: { 'a b': 'x' } },
      'labels.a b: a key that cannot be used: letters, digits and _',
    ],
    ['a filter', { ...minimal, filters: [{ name: 'a' }] }, 'filters.0: expected include or exclude'],
    [
      'a part of a filter',
      { ...minimal, filters: [{ name: 'a', include: { kinds: 'x' } }] },
      'filters.0.include.kinds: expected a list, got text',
    ],
    [
      'letters that would be lost with the machine',
      {
        ...minimal,
        state: { type: 's3', bucket: 'b' },
        dead_letters: { store: { type: 'file', path: '/x' } },
      },
      'dead_letters.store: must be s3 if state is s3',
    ],
  ])('%s', (_, content, message) => {
    const told = refusal(content);
    expect(told).toContain(join(folder, 'config.yaml'));
    expect(told.replaceAll(/line \d+: /g, '')).toContain(`\n  ${message}`);
    expect(told).not.toMatch(/Invalid|ZodError/);
  });

  test.each<[string, string, string]>([
    ['its own', 'source: { type: file, path: /in }\nsink:\n  type: ndjson\n  pth: x', 'line 4: sink.pth: '],
    [
      'in a list',
      'source: { type: file, path: /in }\nsink: { type: ndjson }\nfilters:\n  - name: a',
      'line 4: filters.0: ',
    ],
    [
      'for an object that lacks it',
      'sink: { type: ndjson }\nsource:\n  type: file',
      'line 2: source.path: missing; expected text',
    ],
    [
      'merged from elsewhere',
      'source: { type: file, path: /in }\nsink: { type: ndjson }\nstate: &s\n  pth: x\n  type: file\n  path: /s\ndead_letters:\n  store:\n    <<: *s',
      'line 4: dead_letters.store.pth: ',
    ],
    [
      'for a variable that is not set',
      'source: { type: file, path: /in }\nsink:\n  type: ndjson\n  path: "${NOPE}"',
      'line 4: sink.path: the environment variable NOPE is not set',
    ],
    [
      'for an old name',
      'source: { type: file, path: /in }\nsink:\n  type: splunk_hec\n  gzip: true',
      'line 4: sink.gzip: renamed',
    ],
  ])('and its line: %s', (_, yaml, message) => {
    expect(refusal(yaml)).toContain(`\n  ${message}`);
  });

  it('has no line when a flag gave the value', () => {
    const flag = { path: ['pipeline', 'concurrency'], value: 0 };
    expect(refusal({ ...minimal, pipeline: {} }, [flag])).toContain('\n  pipeline.concurrency: expected');
  });

  it('reports all errors together', () => {
    const told = refusal({
      ...minimal,
      pipeline: { concurrency: 0, batch_records: 0 },
      log: { level: 'loud' },
    });
    for (const path of ['pipeline.concurrency', 'pipeline.batch_records', 'log.level'])
      expect(told).toContain(path);
  });

  it('mentions the flags when there is no file', () => {
    expect(() => loadConfig(undefined, [{ path: ['sink'], value: { type: 'ndjson' } }], {})).toThrow(
      /^the flags: the configuration is wrong:\n {2}source: /,
    );
  });

  it('says what to pass when nothing is given', () => {
    expect(() => loadConfig(undefined, [], {})).toThrow(/^no configuration: pass --config FILE/);
  });

  it('may be merged from another section', () => {
    const config = load(
      'source: { type: file, path: /in }\nsink: { type: ndjson }\nstate: &s { type: s3, bucket: b }\ndead_letters: { store: { <<: *s, prefix: letters } }',
    );
    expect(config.dead_letters.store).toMatchObject({ type: 's3', bucket: 'b', prefix: 'letters' });
  });
});

describe('a secret is never quoted', () => {
  const secret = ['hunter2', 'correct', 'horse'].join('-');
  const elastic = { ...minimal, sink: { type: 'elasticsearch', urls: ['https://es:9200'] } };
  test.each<[string, object]>([
    ['as a wrong type', { ...elastic, sink: { ...elastic.sink, api_key: { key: secret } } }],
    ['in a wrong place', { ...elastic, pipeline: { concurrency: secret } }],
    ['as a level', { ...elastic, log: { level: secret } }],
    ['as a URL', { ...elastic, sink: { type: 'elasticsearch', urls: [`es ${secret}`] } }],
    ['as a HEC URL', { ...minimal, sink: { type: 'splunk_hec', url: `es ${secret}` } }],
    ['next to another key', { ...elastic, sink: { ...elastic.sink, api_key: secret, api_key_fil: 'x' } }],
    ['as a type', { ...elastic, sink: { type: secret } }],
    [
      'with spaces',
      { ...minimal, sink: { type: 'splunk_hec', url: 'https://x:8088', token: `${secret} ${secret}` } },
    ],
    ['of a filter', { ...minimal, filters: [{ name: secret + ' ', include: { kinds: secret } }] }],
  ])('%s', (_, content) => {
    expect(refusal(content)).not.toContain('hunter2');
  });
  it('from the environment', () => {
    const content = { ...elastic, pipeline: { concurrency: '${SECRET}' } };
    expect(refusal(content, [], { SECRET: secret })).not.toContain('hunter2');
  });
  it('in invalid YAML', () => {
    const told = refusal(`sink:\n  token: "${secret}\n  x: [`);
    expect(told).toMatch(/config\.yaml:\d+:\d+: not valid YAML: a quote, bracket or comma is missing$/);
    expect(told).not.toContain('hunter2');
  });
});

describe('a file', () => {
  it('that does not exist', () => {
    expect(() => loadConfig(join(folder, 'nope.yaml'), [])).toThrow(ConfigError);
    expect(() => loadConfig(join(folder, 'nope.yaml'), [])).toThrow('cannot read the configuration');
  });
  test.each<[string, string]>([
    ['a list', '- a\n- b\n'],
    ['a word', 'hello\n'],
    ['nothing', ''],
    ['a key twice', 'sink: 1\nsink: 2\n'],
    ['an alias to nothing', 'sink: *nope\n'],
    [
      'aliases without end',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghi'.replace(/./g, (key) => `${key}: &${key} [${Array.from({ length: 9 }, () => `*${String.fromCharCode(key.charCodeAt(0) - 1)}`).join(', ')}]\n`)}`,
    ],
  ])('that holds %s', (_, content) => {
    expect(refusal(content)).toContain('config.yaml');
  });
});

describe('numbers and booleans from the environment', () => {
  const env = { N: '8', YES: 'true', NO: 'false', WORD: 'yes', NONE: '' };
  it('are read as the type the schema wants', () => {
    const config = load(
      {
        ...minimal,
        pipeline: { concurrency: '${N}' },
        preserve_original: '${YES}',
        mapping: { derive_destination: '${NO}' },
        labels: { n: '${N}' },
      },
      [],
      env,
    );
    expect(config.pipeline.concurrency).toBe(8);
    expect([config.preserve_original, config.mapping.derive_destination]).toEqual([true, false]);
    expect(config.labels).toEqual({ n: '8' });
  });
  it('are refused when they do not parse', () => {
    expect(refusal({ ...minimal, preserve_original: '${WORD}' }, [], env)).toContain('preserve_original: ');
    expect(refusal({ ...minimal, pipeline: { concurrency: '${NONE}' } }, [], env)).toContain(
      'pipeline.concurrency: ',
    );
    expect(refusal({ ...minimal, pipeline: { concurrency: '${WORD}' } }, [], env)).toContain(
      'pipeline.concurrency: ',
    );
  });
  it('are not guessed from text in the file', () => {
    expect(refusal({ ...minimal, pipeline: { concurrency: '8' } })).toContain('pipeline.concurrency: ');
  });
});

describe('flags', () => {
  it('override the file, key by key', () => {
    const config = load({ ...minimal, pipeline: { concurrency: 2, batch_records: 5 } }, [
      { path: ['pipeline', 'concurrency'], value: 8 },
      { path: ['sink'], value: { type: 'ndjson', path: '-' } },
      { path: ['state'], value: { type: 'file', path: '/s' } },
    ]);
    expect(config.pipeline).toMatchObject({ concurrency: 8, batch_records: 5 });
    expect(config.sink).toEqual({ type: 'ndjson', path: '-', schema: 'ecs' });
    expect(config.state).toEqual({ type: 'file', path: '/s' });
  });
  it('reach into lists, and only there', () => {
    const filters = [{ name: 'a', include: { kinds: ['x'] } }];
    const config = load({ ...minimal, filters }, [{ path: ['filters', '0', 'name'], value: 'b' }]);
    expect(config.filters).toEqual([{ name: 'b', include: { kinds: ['x'] } }]);
    for (const at of ['5', 'x']) {
      expect(refusal({ ...minimal, filters }, [{ path: ['filters', at], value: 'b' }])).toContain(
        'a list of 1',
      );
    }
  });
  it('may contain ${ENV} too', () => {
    const config = load(minimal, [{ path: ['labels', 'a'], value: '${A}' }], { A: 'x' });
    expect(config.labels).toEqual({ a: 'x' });
  });
});

it('fills in defaults', () => {
  const config = load(minimal);
  expect(config).toMatchObject({
    identity: 'event_id',
    dead_letters: { max_per_run: 1_000 },
    pipeline: { concurrency: 4, batch_bytes: 1_048_576, save_interval: 10_000, grace: 25_000 },
    retry: { initial_delay: 500, max_delay: 30_000, max_elapsed: 600_000 },
    lease: { ttl: 60_000, renew_interval: 20_000 },
  });
});

describe('a configuration for shaping documents only', () => {
  it('needs neither source nor sink', () => {
    expect(loadShaping(undefined, [{ path: ['identity'], value: 'natural' }]).identity).toBe('natural');
    expect(defaultShaping().filters).toEqual([]);
  });
  it('is validated as usual', () => {
    expect(() => loadShaping(undefined, [{ path: ['identity'], value: 'x' }])).toThrow('identity: ');
    expect(loadShaping(write({ ...minimal, labels: { a: 'b' } }), []).labels).toEqual({ a: 'b' });
  });
});

describe('enrichment', () => {
  const api = { api_key: 'k' };
  const rows = { ...minimal, source: { type: 'api', owners: ['acme'], ...api } };

  test.each<[string, object, string]>([
    [
      'no API to ask',
      { ...minimal, enrichment: { look_ups: true } },
      'enrichment.api: required with look_ups',
    ],
    [
      'an API that is not asked',
      { ...minimal, enrichment: { api } },
      'enrichment.api: has no effect without look_ups',
    ],
    [
      'a source with its own look-ups',
      { ...rows, enrichment: { look_ups: true, api } },
      'enrichment.api: has no effect with this source',
    ],
    [
      'two keys',
      { ...minimal, enrichment: { look_ups: true, api: { ...api, api_key_file: '/k' } } },
      'api_key: give exactly one',
    ],
  ])('is refused: %s', (_, config, complaint) => expect(refusal(config)).toContain(complaint));

  it('is accepted with an API to ask', () => {
    expect(load({ ...minimal, enrichment: { look_ups: true, api } }).enrichment.api?.api_key).toBe('k');
    expect(load({ ...rows, enrichment: { look_ups: true } }).enrichment).toMatchObject({ cache_runs: 1_000 });
  });
});
