import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Document } from '../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { createElasticsearchSink } from '../../src/sinks/elasticsearch/sink.ts';
import { testContext } from '../contract/sink.ts';
import { live } from '../live.ts';
import { mapperOf } from '../mapping/documents.ts';
import { detectionOf } from '../mapping/samples.ts';
import { cluster, freshNamespace } from './elasticsearch.ts';
import { describeWith, need } from './require.ts';

/** The vendor's samples, and our own rows: Windows, other forges, kinds and endpoints in many forms. */
const FOLDERS = ['../mapping/published/', '../mapping/synthetic/', '../detections/inputs/'].map(
  (name) => new URL(name, import.meta.url),
);

function payloadsOf(folder: URL): { name: string; payload: string }[] {
  // An Insights document is not a detection.
  const names = readdirSync(folder).filter((name) => !name.includes('insights'));
  return names.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const payloads = name.endsWith('.ndjson') ? text.trim().split('\n') : [text];
    return payloads.map((payload, line) => ({ name: `${name}:${line + 1}`, payload }));
  });
}

interface Hit {
  readonly _id: string;
  readonly _ignored?: readonly string[];
}

describeWith(['ELASTICSEARCH_URL'], 'published and made-up payloads in a real Elasticsearch', () => {
  const es = cluster(need('ELASTICSEARCH_URL'));
  const namespace = freshNamespace('inputs');
  const streams = `logs-stepsecurity.*-${namespace}`;
  const map = mapperOf({ namespace, preserveOriginal: true });
  let documents: readonly Document[] = [];
  let fates: readonly string[] = [];
  let hits: readonly Hit[] = [];

  beforeAll(async () => {
    // Samples repeat an event_id, so the names serve as ids.
    documents = FOLDERS.flatMap(payloadsOf).flatMap(({ name, payload }) =>
      map(detectionOf(payload)).map((document) => ({
        ...document,
        uid: name,
        json: Buffer.from(document.json),
      })),
    );
    const options = elasticsearchSchema.parse({ urls: [es.url], namespace });
    for await (const _ of setUp(options, live, false));
    const sink = createElasticsearchSink(options, testContext());
    fates = (await sink.write(documents, live)).map(({ fate }) => fate);
    await sink.close?.();
    await es.call('POST', `/${streams}/_refresh`);
    const { body } = await es.call('POST', `/${streams}/_search`, { size: 1_000 });
    hits = (body.hits as { hits: Hit[] }).hits;
  });

  afterAll(async () => {
    await es.call('DELETE', `/_data_stream/${streams}`);
  });

  it('are all delivered', () => {
    expect(documents.length).toBeGreaterThan(50);
    expect(fates).toEqual(documents.map(() => 'delivered'));
    expect(hits.map(({ _id }) => _id).sort()).toEqual(documents.map(({ uid }) => uid).sort());
  });

  it('have no field that the index ignored', () => {
    expect(hits.filter(({ _ignored }) => _ignored !== undefined)).toEqual([]);
  });
});
