import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Document, Outcome } from '../../../src/contracts/types.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { documentsOf, testContext, testDocument } from '../../contract/sink.ts';
import { all, failed, item, problem, type Script, type Scripted, type Step, script } from './scripted.ts';

const live = new AbortController().signal;
const closing: (() => Promise<void> | undefined)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(steps: Script, over: Record<string, unknown> = {}, maxElapsedMs = 2_000) {
  const server: Scripted = await script(steps);
  const context = testContext({ retry: { initialMs: 2, maxMs: 10, maxElapsedMs } });
  const sink = createElasticsearchSink(elasticsearchSchema.parse({ urls: [server.url], ...over }), context);
  closing.push(async () => sink.close?.(), server.close);
  return { server, sink, counters: context.counters };
}

const fates = (outcomes: readonly Outcome[]): string[] => outcomes.map((outcome) => outcome.fate);

describe('a request that fails as a whole', () => {
  const once = (step: Step): Script => ({ bulk: (request, nth) => (nth === 0 ? step : all(request)) });
  const passing: [string, Step][] = [
    ['a reset connection', 'reset'],
    ['half a reply', 'garbage'],
    ['a reply without items', { status: 200, body: { errors: false } }],
    ['a reply with too few items', { status: 200, body: { items: [item(201)] } }],
    ['429', problem(429, 'es_rejected_execution_exception')],
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '0' } }],
    ['500', problem(500, 'circuit')],
    ['502 from a proxy', { status: 502, headers: { 'content-type': 'text/html' } }],
    ['503', problem(503, 'no_master')],
    ['504', { status: 504 }],
  ];
  test.each(passing)('is resent after %s', async (_, step) => {
    const { server, sink, counters } = await open(once(step));
    expect(fates(await sink.write(documentsOf(3), live))).toEqual(Array(3).fill('delivered'));
    expect(server.bulks()).toHaveLength(2);
    expect(counters.get('retries')).toBe(1);
    expect(counters.get('bulk_requests')).toBe(2);
  });

  it.each(['hang', 'drip'] as const)('is resent after a timeout: the server makes it %s', async (step) => {
    const { server, sink } = await open(once(step), { request_timeout: '100ms' });
    expect(fates(await sink.write(documentsOf(3), live))).toEqual(Array(3).fill('delivered'));
    // On a busy machine the next try may be late as well.
    expect(server.bulks().length).toBeGreaterThanOrEqual(2);
  });

  const stopping: [string, Step, new (message: string) => Error, RegExp][] = [
    ['401', problem(401, 'security_exception'), ConfigError, /credentials/],
    ['403', problem(403, 'security_exception', 'action [x] is unauthorized'), ConfigError, /unauthorized/],
    [
      '403 for a write block',
      problem(403, 'cluster_block_exception'),
      UnavailableError,
      /cluster_block_exception/,
    ],
    ['404', problem(404, 'index_not_found_exception'), UnavailableError, /index_not_found/],
    ['a closed index', problem(400, 'index_closed_exception'), UnavailableError, /index_closed/],
  ];
  test.each(stopping)('stops the run on %s', async (_, step, kind, words) => {
    const { server, sink } = await open(once(step));
    const writing = sink.write(documentsOf(3), live);
    await expect(writing).rejects.toThrow(kind);
    await expect(writing).rejects.toThrow(words);
    expect(server.bulks()).toHaveLength(1);
  });

  it('is split on 413, and the smaller size is remembered', async () => {
    const most = 2_500;
    const { server, sink } = await open({
      bulk: (request) => (request.body.length > most ? { status: 413 } : all(request)),
    });
    const documents = documentsOf(32);
    expect(fates(await sink.write(documents, live))).toEqual(Array(32).fill('delivered'));
    const taken = server.bulks().filter((request) => request.body.length <= most);
    expect(taken.flatMap((request) => request.uids)).toEqual(documents.map((document) => document.uid));
    const before = server.bulks().length;
    expect(before).toBeLessThan(16);
    await sink.write(documentsOf(32), live);
    const after = server.bulks().slice(before);
    expect(after.filter((request) => request.body.length > most)).toEqual([]);
  });

  it('rejects a single document that is too large', async () => {
    const { sink } = await open({
      bulk: (request) => (request.body.length > 9_000 ? { status: 413 } : all(request)),
    });
    const big = testDocument('big', { json: Buffer.from(JSON.stringify({ message: 'x'.repeat(10_000) })) });
    const outcomes = await sink.write([...documentsOf(2), big, ...documentsOf(2)], live);
    expect(fates(outcomes)).toEqual(['delivered', 'delivered', 'rejected', 'delivered', 'delivered']);
    expect(outcomes[2]).toMatchObject({ reason: expect.stringContaining('413') });
  });
});

describe('the breaker', () => {
  const refuse = (type: (nth: number) => string): Script => ({
    bulk: (request) => all(request, (uid) => failed(400, type(Number(uid.split('-').at(-1))))),
  });

  it('stops the run when 20 documents are rejected with one error', async () => {
    const { sink } = await open(refuse(() => 'document_parsing_exception'));
    await expect(sink.write(documentsOf(20), live)).rejects.toThrow(UnavailableError);
  });

  it('stops the run when the failure store takes all of them', async () => {
    const { sink } = await open({
      bulk: (request) => all(request, () => item(201, { failure_store: 'used' })),
    });
    await expect(sink.write(documentsOf(20), live)).rejects.toThrow(/failure_store/);
  });

  it('ignores fewer than 20', async () => {
    const { sink } = await open(refuse(() => 'document_parsing_exception'));
    expect(fates(await sink.write(documentsOf(19), live))).toEqual(Array(19).fill('rejected'));
  });

  it('ignores different errors', async () => {
    const { sink } = await open(
      refuse((nth) => (nth === 7 ? 'other_exception' : 'document_parsing_exception')),
    );
    expect(fates(await sink.write(documentsOf(20), live))).toEqual(Array(20).fill('rejected'));
  });
});

describe('a request', () => {
  const sent = (documents: readonly Document[]): string =>
    documents
      .map(({ uid, json }) => `{"create":{"_id":${JSON.stringify(uid)}}}\n${json.toString()}\n`)
      .join('');

  it('contains the documents’ own text, created in the stream of their dataset', async () => {
    const { server, sink, counters } = await open({}, { namespace: 'prod' });
    const documents = [
      testDocument('a"\\1', { json: Buffer.from('{"odd":"\\u2028 é"}') }),
      testDocument('p', { dataset: 'pr_check' }),
      testDocument('b'),
    ];
    await sink.write(documents, live);
    const [first, second] = server.bulks();
    expect(first?.path).toBe('/logs-stepsecurity.detection-prod/_bulk');
    expect(first?.body).toBe(sent(documents.filter((document) => document.dataset === 'detection')));
    expect(second?.path).toBe('/logs-stepsecurity.pr_check-prod/_bulk');
    expect(first?.query.get('require_data_stream')).toBe('true');
    expect(first?.headers['content-encoding']).toBe('gzip');
    expect(counters.get('bytes_sent_raw')).toBe(Buffer.byteLength(sent(documents)));
    expect(counters.get('bytes_sent')).not.toBe(counters.get('bytes_sent_raw'));
  });

  it('is uncompressed when compression is off, and never longer than request_bytes', async () => {
    const { server, sink } = await open({}, { compression: 'none', request_bytes: 2_000 });
    const documents = documentsOf(20).map((document) => ({
      ...document,
      json: Buffer.from(`{"m":"${'é'.repeat(300)}"}`),
    }));
    await sink.write(documents, live);
    expect(server.bulks().flatMap((request) => request.uids)).toEqual(
      documents.map((document) => document.uid),
    );
    for (const request of server.bulks()) {
      expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(2_000);
      expect(request.headers['content-encoding']).toBeUndefined();
      expect(request.headers['content-length']).toBe(String(Buffer.byteLength(request.body)));
    }
  });

  it('goes to the nodes in turn, and skips a dead one', async () => {
    const dead = await script();
    await dead.close();
    const { server } = await open({}, {});
    const context = testContext();
    const options = elasticsearchSchema.parse({ urls: [dead.url, server.url] });
    const both = createElasticsearchSink(options, context);
    closing.push(async () => both.close?.());
    for (let round = 0; round < 3; round += 1) {
      expect(fates(await both.write(documentsOf(2), live))).toEqual(['delivered', 'delivered']);
    }
    expect(elasticsearch.name()).toBe('elasticsearch');
  });
});
