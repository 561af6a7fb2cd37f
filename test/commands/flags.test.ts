import { resolve } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { parseRate } from '../../src/commands/backfill/rate.ts';
import { overridesOf } from '../../src/commands/flags.ts';
import { parseTimeArgument } from '../../src/commands/time-argument.ts';
import { ConfigError } from '../../src/contracts/errors.ts';

describe('times', () => {
  test.each([
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01-31T08:00', Date.UTC(2026, 0, 31, 8)],
    ['2026-01-31T08:00:01.5', Date.UTC(2026, 0, 31, 8, 0, 1, 500)],
    ['2026-01-31T08:00:00Z', Date.UTC(2026, 0, 31, 8)],
    ['2026-01-31T08:00:00+02:00', Date.UTC(2026, 0, 31, 6)],
    ['2026-01-31 08:00', Date.UTC(2026, 0, 31, 8)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
  ])('%s, in UTC whatever the time zone of the machine', (text, ms) => {
    expect(parseTimeArgument('--from', text)).toBe(ms);
  });
  test.each([
    '',
    'yesterday',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2026-02-29T00:00:00Z',
    '31.01.2026',
    '2026-01-31T25:00',
  ])('refuses %j and names the flag', (text) => {
    expect(() => parseTimeArgument('--to', text)).toThrow(ConfigError);
    expect(() => parseTimeArgument('--to', text)).toThrow(/^--to: expected a day or a time/);
  });
});

describe('rates', () => {
  test.each([
    ['500', 500],
    ['500/s', 500],
    ['2.5/s', 2.5],
  ])('%s', (text, rate) => expect(parseRate(text)).toBe(rate));
  test.each(['', '0', '0/s', '-1', '5/m', 'fast', '1e3'])('refuses %j', (text) => {
    expect(() => parseRate(text)).toThrow(/^--max-rate: /);
  });
});

describe('flags for configuration keys', () => {
  test.each<[object, object[]]>([
    [{}, []],
    [
      { s3: 's3://bucket/detections/', region: 'eu-west-1' },
      [
        {
          path: ['source'],
          value: { type: 's3', bucket: 'bucket', prefixes: ['detections/'], start: 'beginning' },
        },
        { path: ['source', 'region'], value: 'eu-west-1' },
      ],
    ],
    [
      { s3: 's3://bucket/', set: ['source.queue_url=https://sqs.example/1/q'] },
      [
        { path: ['source'], value: { type: 's3', bucket: 'bucket', prefixes: [''] } },
        { path: ['source', 'queue_url'], value: 'https://sqs.example/1/q' },
      ],
    ],
    [
      { file: '-', ndjson: 'out/' },
      [
        { path: ['source'], value: { type: 'file', path: '-' } },
        { path: ['sink'], value: { type: 'ndjson', path: 'out/' } },
      ],
    ],
    [
      { elasticsearch: 'https://es:9200', 'api-key-file': 'key' },
      [
        { path: ['sink'], value: { type: 'elasticsearch', urls: ['https://es:9200'] } },
        { path: ['sink', 'api_key_file'], value: 'key' },
      ],
    ],
    [
      { splunk: 'https://hec:8088', 'token-file': 'token' },
      [
        { path: ['sink'], value: { type: 'splunk_hec', url: 'https://hec:8088' } },
        { path: ['sink', 'token_file'], value: 'token' },
      ],
    ],
    [{ state: 'st' }, [{ path: ['state'], value: { type: 'file', path: resolve('st') } }]],
    [{ state: 's3://b' }, [{ path: ['state'], value: { type: 's3', bucket: 'b' } }]],
    [{ state: 's3://b/p' }, [{ path: ['state'], value: { type: 's3', bucket: 'b', prefix: 'p' } }]],
    [
      { set: ['pipeline.concurrency=8', 'labels.a=x=y', 'filters=[]'] },
      [
        { path: ['pipeline', 'concurrency'], value: 8 },
        { path: ['labels', 'a'], value: 'x=y' },
        { path: ['filters'], value: [] },
      ],
    ],
  ])('%j', (flags, overrides) => {
    expect(overridesOf(flags)).toEqual(overrides);
  });

  test.each<[object, string]>([
    [{ s3: 's3://b/', file: 'x' }, '--s3 and --file'],
    [{ elasticsearch: 'https://a', ndjson: 'x' }, '--elasticsearch, --splunk and --ndjson'],
    [{ s3: 'bucket/prefix' }, '--s3: expected s3://bucket/prefix'],
    [{ state: 's3://' }, '--state: expected s3://bucket/prefix'],
    [{ set: ['nothing'] }, '--set: expected key.path=value'],
    [{ set: ['a.b=[1'] }, '--set a.b: the value is not valid YAML'],
  ])('refuses %j', (flags, message) => {
    expect(() => overridesOf(flags)).toThrow(ConfigError);
    expect(() => overridesOf(flags)).toThrow(message);
  });
});

it('never quotes a value that does not parse', () => {
  expect(() => overridesOf({ set: ['sink.token=[hunter2'] })).toThrow(/^(?!.*hunter2)/);
});
