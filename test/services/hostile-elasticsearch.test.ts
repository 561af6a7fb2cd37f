import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Document, Json, JsonObject, Outcome } from '../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { createElasticsearchSink } from '../../src/sinks/elasticsearch/sink.ts';
import { testContext } from '../contract/sink.ts';
import { payloadOf } from '../detections/harness.ts';
import { live } from '../live.ts';
import { mapperOf } from '../mapping/documents.ts';
import { detectionOf, readSamples } from '../mapping/samples.ts';
import { cluster, freshNamespace } from './elasticsearch.ts';
import { describeWith, need } from './require.ts';

function nested(levels: number, innermost: Json): Json {
  let value = innermost;
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

/** Values of a member that do not suit its field in the index. */
const ODD: Readonly<Record<string, Json>> = {
  'a long text': 'x'.repeat(33_000),
  'a long text with three bytes per character': '\u20ac'.repeat(11_000),
  'an object': { a: { b: 1 } },
  'a list of objects': [{ a: 1 }, { a: 'x' }],
  'a list in lists': [[['x']], []],
  'a number': 12,
  'a large number': '1e400',
  'a fraction': 1.5,
  'a switch': true,
  nothing: null,
  'an empty object': {},
  'levels of objects': nested(30, [nested(3, 1), 'x']),
  'a long key': { ['k'.repeat(60_000)]: { b: 'v' }, ['k'.repeat(59_999)]: 1 },
  'nested long keys': {
    ['k'.repeat(8_000)]: { ['j'.repeat(30_000)]: nested(30, '\u20ac'.repeat(2_000)) },
  },
  'control characters in keys': {
    'a\u0000': 1,
    'a\u0001': 2,
    'a\ufffd': 3,
    '\ud800': 4,
    '\u0001': { '\u0001': 5 },
  },
  'odd keys': { '': 1, '.': 2, '..': 3, '.a': 4, 'a.': 5, 'a.b': 6, a: { b: 7 }, ' ': 8, __proto__x: 9 },
  'a text that is not a date': '9999-99-99T00:00:00Z',
};

const FILES = [
  'infinity',
  '32-bigint',
  '34-odd-keys',
  'flattened-limits',
  'hostile-fields',
  'no-timestamp',
  '37-times',
];

const linesOf = (name: string): string[] =>
  readFileSync(new URL(`../hostile/inputs/${name}.ndjson`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** Kinds that together use every reader and every mapping of their own. */
const KINDS =
  /^(?:https-outbound|pr-check|privileged|reverse-shell|secret-in-artifact|secrets-policy|action-uses-imposter|threat)/;

/** Every member of any sample, in payloads of these kinds, with every odd value. */
function payloads(): JsonObject[] {
  const samples = readSamples().map(({ name, detections }) => ({
    name,
    payload: detections[0]?.payload ?? {},
  }));
  const members = [...new Set(samples.flatMap(({ payload }) => Object.keys(payload)))].filter(
    (name) => name !== 'id' && name !== 'type',
  );
  return samples
    .filter(({ name }) => KINDS.test(name))
    .flatMap(({ payload }) =>
      Object.values(ODD).map((odd) => ({
        ...payload,
        ...Object.fromEntries(members.map((name) => [name, odd])),
      })),
    );
}

describeWith(['ELASTICSEARCH_URL'], 'odd payloads in a real Elasticsearch', () => {
  const es = cluster(need('ELASTICSEARCH_URL'));
  const namespace = freshNamespace('odd');
  const streams = `logs-stepsecurity.*-${namespace}`;
  const labels = { team: 'x'.repeat(40_000) };
  const documentOf = (payload: JsonObject | string, at: number): Document => {
    const map = mapperOf({ namespace, labels, preserveOriginal: typeof payload === 'string' });
    const [document] = map(detectionOf(payload));
    if (document === undefined) throw new Error('no document');
    return { ...document, uid: `odd-${at}` };
  };
  let documents: Document[] = [];
  let outcomes: readonly Outcome[] = [];

  beforeAll(async () => {
    const odd = Object.values(ODD).map((value) => payloadOf('Unheard-Of', { odd: value }));
    documents = [...FILES.flatMap(linesOf), ...odd, ...payloads()].map(documentOf);
    const options = elasticsearchSchema.parse({ urls: [es.url], namespace });
    for await (const _ of setUp(options, live, false));
    const sink = createElasticsearchSink(options, testContext());
    outcomes = await sink.write(documents, live);
    await sink.close?.();
  }, 120_000);

  afterAll(async () => {
    await es.call('DELETE', `/_data_stream/${streams}`);
  });

  it('are all delivered', () => {
    const refused = outcomes.flatMap((outcome, at) =>
      outcome.fate === 'delivered'
        ? []
        : [{ ...outcome, json: String(documents[at]?.json.subarray(0, 600)) }],
    );
    expect(refused).toEqual([]);
  });
});
