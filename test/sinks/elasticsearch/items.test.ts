import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Outcome } from '../../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { documentsOf, testContext, testDocument } from '../../contract/sink.ts';
import { all, failed, item, type Script, type Scripted, script } from './scripted.ts';

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

describe('each item', () => {
  const secret = 'hunter' + '2'.repeat(9);
  const rows: [string, unknown, Partial<Outcome>][] = [
    ['201', item(201), { fate: 'delivered' }],
    ['409', failed(409, 'version_conflict_engine_exception'), { fate: 'duplicate' }],
    ['200 noop', item(200), { fate: 'filtered', by: 'dropped_by_pipeline' }],
    ['201 by the failure store', item(201, { failure_store: 'used', _index: '.fs-x' }), { fate: 'rejected' }],
    ['400', failed(400, 'document_parsing_exception', 'failed to parse'), { fate: 'rejected' }],
  ];
  test.each(rows)('%s', async (_, reply, outcome) => {
    const { server, sink } = await open({
      bulk: (request) => all(request, (uid) => (uid === 'odd' ? reply : item(201))),
    });
    const documents = [testDocument('a'), testDocument('odd'), testDocument('b')];
    const outcomes = await sink.write(documents, live);
    expect(outcomes[1]).toMatchObject(outcome);
    expect([outcomes[0], outcomes[2]]).toEqual([{ fate: 'delivered' }, { fate: 'delivered' }]);
    expect(server.bulks()).toHaveLength(1);
  });

  const again: [string, unknown][] = [
    ['429', failed(429, 'es_rejected_execution_exception')],
    ['500', failed(500, 'illegal_state_exception')],
    ['503', failed(503, 'unavailable_shards_exception')],
  ];
  test.each(again)('%s is resent alone', async (_, reply) => {
    const { server, sink } = await open({
      bulk: (request, nth) => all(request, (uid) => (uid === 'odd' && nth < 2 ? reply : item(201))),
    });
    const outcomes = await sink.write([testDocument('a'), testDocument('odd'), testDocument('b')], live);
    expect(fates(outcomes)).toEqual(Array(3).fill('delivered'));
    expect(server.bulks().map((request) => request.uids)).toEqual([['a', 'odd', 'b'], ['odd'], ['odd']]);
  });

  // In the words of 9.4.3 and 8.16.6.
  const full =
    'Validation Failed: 1: this action would add [2] shards, but this cluster currently has [2]/[3] maximum normal shards open;';
  const circumstances: [string, unknown, RegExp][] = [
    ['the shard limit', failed(400, 'validation_exception', full), /shard limit.*\[2\]\/\[3\]/],
    [
      'the frozen shard limit',
      failed(400, 'validation_exception', full.replace('normal', 'frozen')),
      /limit/,
    ],
    ['a disk at its flood stage', failed(429, 'cluster_block_exception', 'blocked by: [x/12/disk]'), /disk/],
    ['a circuit breaker', failed(429, 'circuit_breaking_exception', '[parent] Data too large'), /circuit/],
    ['back-pressure', failed(429, 'es_rejected_execution_exception'), /es_rejected/],
    ['no ingest node', failed(500, 'illegal_state_exception', 'There are no ingest nodes in this'), /ingest/],
  ];
  test.each(circumstances)('%s is waited out, then exit 4 names it', async (_, reply, words) => {
    const only = { bulk: (request: Parameters<typeof all>[0]) => all(request, () => reply) };
    for (const count of [1, 25]) {
      const { sink } = await open(only, {}, 60);
      const writing = sink.write(documentsOf(count), live);
      await expect(writing).rejects.toThrow(UnavailableError);
      await expect(writing).rejects.toThrow(words);
    }
    const { sink } = await open({
      bulk: (request, nth) => all(request, () => (nth === 0 ? reply : item(201))),
    });
    expect(fates(await sink.write(documentsOf(25), live))).toEqual(Array(25).fill('delivered'));
  });

  it('over the field limit is the document’s fault: others still fit', async () => {
    const reason = 'failed to parse: Limit of total fields [2] has been exceeded while adding new fields [3]';
    const { sink } = await open({
      bulk: (request) => all(request, () => failed(400, 'document_parsing_exception', reason)),
    });
    expect(await sink.write([testDocument('a')], live)).toMatchObject([
      { fate: 'rejected', reason: expect.stringContaining('Limit of total fields [2]') },
    ]);
  });

  const stopping: [string, unknown, new (message: string) => Error][] = [
    ['401', failed(401, 'security_exception'), ConfigError],
    ['403 security', failed(403, 'security_exception'), ConfigError],
    ['403 block', failed(403, 'cluster_block_exception'), UnavailableError],
    ['404', failed(404, 'index_not_found_exception'), UnavailableError],
    ['404 plain index', failed(404, 'resource_not_found_exception'), UnavailableError],
    ['closed index', failed(400, 'index_closed_exception'), UnavailableError],
    [
      'missing pipeline',
      failed(400, 'illegal_argument_exception', 'pipeline with id [x] does not exist'),
      UnavailableError,
    ],
    [
      'a pipeline that calls a missing one',
      failed(500, 'illegal_state_exception', 'Pipeline processor configured for non-existent pipeline [x]'),
      UnavailableError,
    ],
    [
      '403 read-only',
      failed(403, 'cluster_block_exception', 'FORBIDDEN/5/index read-only'),
      UnavailableError,
    ],
    [
      'an alias without a write index',
      failed(400, 'illegal_argument_exception', 'no write index is defined for alias [x].'),
      UnavailableError,
    ],
    [
      'a name that no stream may have',
      failed(400, 'illegal_argument_exception', 'data_stream [X] must be lowercase'),
      UnavailableError,
    ],
    [
      'a template that does not compose',
      failed(
        400,
        'illegal_argument_exception',
        'composable template [x] template after composition is invalid',
      ),
      UnavailableError,
    ],
    ['an invalid name', failed(400, 'invalid_index_name_exception'), UnavailableError],
  ];
  test.each(stopping)('stops the run: %s', async (_, reply, kind) => {
    const { sink } = await open({
      bulk: (request) => all(request, (uid) => (uid === 'odd' ? reply : item(201))),
    });
    await expect(sink.write([testDocument('a'), testDocument('odd')], live)).rejects.toThrow(kind);
  });

  it('that breaks the server again and again becomes a dead letter, and its neighbors do not', async () => {
    const { server, sink } = await open({
      bulk: (request) =>
        all(request, (uid) => (uid === 'odd' ? failed(500, 'null_pointer_exception') : item(201))),
    });
    const outcomes = await sink.write([testDocument('a'), testDocument('odd')], live);
    expect(outcomes).toEqual([
      { fate: 'delivered' },
      { fate: 'rejected', reason: expect.stringContaining('5 times') },
    ]);
    expect(server.bulks()).toHaveLength(5);
  });

  it('that breaks together with all others is an outage', async () => {
    const { sink } = await open(
      { bulk: (request) => all(request, () => failed(500, 'null_pointer_exception')) },
      {},
      150,
    );
    await expect(sink.write([testDocument('a'), testDocument('b')], live)).rejects.toThrow(UnavailableError);
  });

  it('whose shard stays unavailable never becomes a dead letter', async () => {
    const { sink } = await open(
      {
        bulk: (request) =>
          all(request, (uid) => (uid === 'odd' ? failed(503, 'unavailable_shards_exception') : item(201))),
      },
      {},
      150,
    );
    await expect(sink.write([testDocument('a'), testDocument('odd')], live)).rejects.toThrow(
      UnavailableError,
    );
  });

  const quoting: [string, string][] = [
    [
      'document_parsing_exception',
      `[1:2] failed to parse field [a.b] of type [long] in document with id 'u'. Preview of field's value: '${secret}'`,
    ],
    ['illegal_argument_exception', `failed to parse date field [${secret}] with format [strict_date]`],
    [
      'illegal_argument_exception',
      `Failed to parse value [${secret} [x]] as only [true] or [false] are allowed.`,
    ],
    ['number_format_exception', `For input string: "${secret}"`],
    ['illegal_argument_exception', `'${secret}' is not an IP string literal.`],
  ];
  test.each(quoting)('never repeats what a reason quotes (%s)', async (type, reason) => {
    const error = { type, reason, caused_by: { type: 'x_content_parse_exception', reason: secret } };
    const { sink } = await open({ bulk: (request) => all(request, () => item(400, { error })) });
    const [outcome] = await sink.write([testDocument('a')], live);
    expect(outcome).toMatchObject({ fate: 'rejected', reason: expect.stringContaining(`${type}: `) });
    expect(JSON.stringify(outcome)).toContain('caused by x_content_parse_exception');
    expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  it('has a reason of at most 500 characters', async () => {
    const { sink } = await open({
      bulk: (request) => all(request, () => failed(400, 'some_exception', 'long '.repeat(400))),
    });
    const [outcome] = await sink.write([testDocument('a')], live);
    expect(outcome?.fate === 'rejected' && outcome.reason.length).toBe(500);
  });
});
