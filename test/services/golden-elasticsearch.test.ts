import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Document, JsonObject, Outcome } from '../../src/contracts/types.ts';
import { flatten, textOf } from '../../src/mapping/lint/flatten.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { createElasticsearchSink } from '../../src/sinks/elasticsearch/sink.ts';
import { testContext } from '../contract/sink.ts';
import { live } from '../live.ts';
import { readGolden } from '../mapping/golden.ts';
import { typeOf } from '../mapping/lint/ecs.ts';
import { cluster, freshNamespace, hasFailureStore } from './elasticsearch.ts';
import { describeWith, itWhere, need } from './require.ts';

interface Hit {
  readonly _id: string;
  readonly _source: JsonObject;
  readonly _ignored?: readonly string[];
}

/** Field capabilities name the family of a type. The exact type is checked in the template. */
const FAMILIES: Readonly<Record<string, string>> = {
  wildcard: 'keyword',
  constant_keyword: 'keyword',
  match_only_text: 'text',
};
const itStoresFailures = itWhere(await hasFailureStore(need('ELASTICSEARCH_URL')), 'failure store');

describeWith(['ELASTICSEARCH_URL'], 'the golden ECS documents in a real Elasticsearch', () => {
  const es = cluster(need('ELASTICSEARCH_URL'));
  const namespace = freshNamespace('golden');
  const streams = `logs-stepsecurity.*-${namespace}`;

  // Samples may repeat an event in several files, so ids are unique per file.
  const golden = readGolden('ecs').flatMap(({ name, documents }) =>
    documents.map((document, at) => ({
      uid: `${name} ${at}`,
      body: {
        ...document,
        data_stream: { ...(document.data_stream as JsonObject), namespace },
      } as JsonObject,
    })),
  );
  let outcomes: readonly Outcome[] = [];
  let hits: Hit[] = [];

  beforeAll(async () => {
    const options = elasticsearchSchema.parse({ urls: [es.url], namespace });
    for await (const _ of setUp(options, live, false));
    const sink = createElasticsearchSink(options, testContext());
    outcomes = await sink.write(golden.map(toDocument), live);
    await sink.close?.();
    await es.call('POST', `/${streams}/_refresh`);
    const { body } = await es.call('POST', `/${streams}/_search`, { size: 1_000 });
    hits = (body.hits as { hits: Hit[] }).hits;
  });

  afterAll(async () => {
    await es.call('DELETE', `/_data_stream/${streams}`);
  });

  it('are all delivered', () => {
    expect(outcomes.map(({ fate }) => fate)).toEqual(golden.map(() => 'delivered'));
    expect(hits.map(({ _id }) => _id).sort()).toEqual(golden.map(({ uid }) => uid).sort());
  });

  it('come back as they were sent, plus the ingest time', () => {
    for (const { uid, body } of golden) {
      const stored = hits.find(({ _id }) => _id === uid)?._source;
      expect(stored).toMatchObject(body);
      expect(stored?.event).toHaveProperty('ingested');
    }
  });

  it('are found by the constants of their data stream, which the templates set', async () => {
    const term = (field: string, value: string) => ({ term: { [`data_stream.${field}`]: value } });
    for (const dataset of ['detection', 'pr_check', 'threat_intel']) {
      const filter = [
        term('type', 'logs'),
        term('dataset', `stepsecurity.${dataset}`),
        term('namespace', namespace),
      ];
      const { body } = await es.call('POST', `/${streams}/_count`, { query: { bool: { filter } } });
      const own = golden.filter(
        (one) => (one.body.event as JsonObject).dataset === `stepsecurity.${dataset}`,
      );
      expect(own.length).toBeGreaterThan(0);
      expect(body.count).toBe(own.length);
    }
  });

  it('have no field that the index ignored', () => {
    expect(hits.filter(({ _ignored }) => _ignored !== undefined)).toEqual([]);
  });

  itStoresFailures('leave nothing in the failure store', async () => {
    const { status, body } = await es.call('POST', `/${streams}::failures/_search`, { size: 1 });
    if (status === 404) return;
    expect((body.hits as { total: { value: number } }).total.value).toBe(0);
  });

  it('have the types of ECS, OpenTelemetry and our own fields, and no other field', async () => {
    const { body } = await es.call('GET', `/${streams}/_field_caps?fields=*&filters=-metadata`);
    const caps = body.fields as Readonly<Record<string, Readonly<Record<string, object>>>>;
    const written = new Set(hits.flatMap(({ _source }) => flatten(_source)).map(({ field }) => field));
    const wrong = [...written].flatMap((field) => {
      const name = flattenedRoot(field);
      const type = typeOf(name) ?? 'known';
      const wanted = FAMILIES[type] ?? type;
      const types = Object.keys(caps[name] ?? {}).join(', ');
      return types === wanted ? [] : [`${field}: ${types || 'not mapped'}, not ${wanted}`];
    });
    expect(wrong).toEqual([]);
  });
});

/** A flattened field counts as one field, whatever is in it. */
function flattenedRoot(field: string): string {
  const parts = field.split('.');
  for (let length = 1; length < parts.length; length += 1) {
    const root = parts.slice(0, length).join('.');
    if (typeOf(root) === 'flattened') return root;
  }
  return field;
}

function toDocument({ uid, body }: { uid: string; body: JsonObject }): Document {
  const event = body.event as { dataset: string };
  const time = Date.parse(textOf(body['@timestamp']));
  const json = Buffer.from(JSON.stringify(body));
  return {
    uid,
    kind: textOf((body.rule as JsonObject).id),
    dataset: event.dataset.replace('stepsecurity.', ''),
    time,
    timeIsReceipt: false,
    json,
  };
}
