import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { read } from '../markdown.ts';
import { forChart } from './chart-schema.ts';

/** What the Helm chart copies from other files, since it can only read its own folder. `npm run golden` writes it. */

const chart = (path: string): string =>
  fileURLToPath(new URL(`../../deploy/helm/stepsecurity-siem/${path}`, import.meta.url));

function expectCurrent(path: string, current: string): void {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, current);
  expect(readFileSync(path, 'utf8')).toBe(current);
}

interface ValuesSchema {
  readonly definitions: Readonly<Record<string, object>>;
}

test('the values’ schema contains the program’s own configuration', () => {
  const path = chart('values.schema.json');
  const { definitions, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as ValuesSchema;
  const config = forChart(JSON.parse(read('schemas/config.schema.json')));
  expectCurrent(path, `${JSON.stringify({ ...rest, definitions: { ...definitions, config } }, null, 2)}\n`);
});

test('the chart’s alerting rules are those of Prometheus', () => {
  expectCurrent(chart('files/rules.yaml'), read('deploy/prometheus/rules.yaml'));
});

describe('the configuration in the values', () => {
  const { definitions } = JSON.parse(readFileSync(chart('values.schema.json'), 'utf8')) as ValuesSchema;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile({
    definitions,
    $ref: '#/definitions/config',
  });
  const source = { type: 's3', bucket: 'exports', start: 'beginning' };
  const sink = { type: 'splunk_hec', url: 'https://splunk.example:8088', token: '${TOKEN}' };

  test.each([
    ['what the program accepts', { source, sink }, true],
    ['a number from the environment', { source: { ...source, fetch_concurrency: '${N}' }, sink }, true],
    [
      'a URL from the environment',
      { source, sink: { ...sink, url: '${URL:-https://splunk.example}' } },
      true,
    ],
    ['an unknown key', { source: { ...source, bukcet: 'exports' }, sink }, false],
    ['text in place of a number', { source: { ...source, fetch_concurrency: 'many' }, sink }, false],
    ['an unknown source', { source: { type: 's4' }, sink }, false],
    ['no destination', { source }, false],
  ])('%s', (_, config, valid) => {
    expect(validate(config)).toBe(valid);
  });
});
