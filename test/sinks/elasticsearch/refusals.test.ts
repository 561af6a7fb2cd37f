import { afterEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Document, Outcome } from '../../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { documentsOf, testContext, testDocument } from '../../contract/sink.ts';
import {
  all,
  backing,
  failed,
  isIndex,
  item,
  problem,
  type Script,
  type Scripted,
  type Seen,
  type Step,
  script,
} from './scripted.ts';

const live = new AbortController().signal;
const closing: (() => Promise<void> | undefined)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(steps: Script, samples: readonly Document[] = [], maxElapsedMs = 2_000) {
  const server: Scripted = await script(steps);
  const context = testContext({ retry: { initialMs: 2, maxMs: 10, maxElapsedMs } });
  const options = elasticsearchSchema.parse({ urls: [server.url], request_bytes: 20_000_000 });
  const sink = createElasticsearchSink(options, { ...context, samples: () => samples });
  closing.push(async () => sink.close?.(), server.close);
  return { server, sink, counters: context.counters };
}

const fates = (outcomes: readonly Outcome[]): string => outcomes.map(({ fate }) => fate[0]).join('');
const named = (text: string): Document[] => text.split('').map((uid) => testDocument(uid));
const many = (count: number, prefix = 'n'): Document[] =>
  Array.from({ length: count }, (_, nth) => testDocument(`${prefix}${nth}`));

const html = { 'content-type': 'text/html', 'x-elastic-product': '' };
const page = (status: number, headers: Record<string, string> = {}): Step => ({
  status,
  text: '<html>no</html>',
  headers: { ...html, ...headers },
});
const ours = { 'x-elastic-product': 'Elasticsearch' };

describe('a whole request that something else answers', () => {
  const rows: [string, Step, RegExp][] = [
    ['200 of a captive portal', page(200), /captive portal/],
    ['200 in HTML with the product’s header', page(200, ours), /HTTP 200/],
    [
      '200 from another product',
      { status: 200, body: {}, headers: { 'x-elastic-product': 'Other' } },
      /Product/,
    ],
    ['301', page(301, { location: '/x' }), /redirect/],
    ['302', page(302, { location: '/login' }), /login page/],
    ['302 with the product’s header', { status: 302, headers: { location: '/login' } }, /login page/],
    ['307 with the product’s header', { status: 307, body: {}, headers: { location: '/x' } }, /redirect/],
    ['400 in HTML', page(400), /is this Elasticsearch/],
    ['403 in HTML', page(403), /firewall/],
    ['403 with its own JSON', { status: 403, body: { ok: false, message: 'denied' } }, /firewall/],
    ['404 in HTML', page(404), /is this Elasticsearch/],
    ['405', page(405), /is this Elasticsearch/],
    ['406', page(406), /is this Elasticsearch/],
    ['411', page(411), /Content-Length/],
    ['501', page(501), /is this Elasticsearch/],
  ];

  test.each(rows)('%s, always: stops the run with exit 2', async (_, step, words) => {
    const { server, sink } = await open({ bulk: () => step });
    const writing = sink.write(documentsOf(3), live);
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow(words);
    expect(server.bulks()).toHaveLength(2);
  });

  test.each(rows)('%s, for every request: no stack trace either', async (_, step) => {
    const { sink } = await open({ bulk: () => step, other: () => step });
    await expect(sink.write(documentsOf(3), live)).rejects.toThrow(ConfigError);
  });

  test.each(rows)('%s, for a request other than the bulk: no document is blamed', async (_, step) => {
    const { sink } = await open({
      other: (request) => (isIndex(request) ? step : undefined),
    });
    await expect(sink.write(documentsOf(3), live)).rejects.toThrow(ConfigError);
  });

  test.each(rows)('%s, for one document: found by halving, and the others are delivered', async (_, step) => {
    const { server, sink } = await open({
      bulk: (request) => {
        if (request.body === '\n') return problem(400, 'action_request_validation_exception');
        return request.uids.includes('b') ? step : all(request);
      },
    });
    const outcomes = await sink.write(named('abcd'), live);
    expect(fates(outcomes)).toBe('drdd');
    expect(outcomes[1]).toMatchObject({ reason: expect.stringMatching(/proxy or firewall .* HTTP \d+/) });
    expect(server.bulks().filter(({ body }) => body === '\n')).toHaveLength(1);
  });

  const passing: [string, Step][] = [
    ['502 in HTML', page(502)],
    ['503 in HTML', page(503)],
    ['504 in HTML', page(504)],
    ['429 in HTML', page(429)],
    ['200 with half a JSON text', 'garbage'],
    ['200 that does not decompress', { status: 200, text: 'x', headers: { 'content-encoding': 'gzip' } }],
  ];
  test.each(passing)('%s is waited out, then exit 4', async (_, step) => {
    const { sink } = await open({ bulk: () => step }, [], 60);
    await expect(sink.write(documentsOf(3), live)).rejects.toThrow(UnavailableError);
  });
});

describe('a whole request that Elasticsearch does not understand', () => {
  const malformed = problem(400, 'illegal_argument_exception', 'Malformed action/metadata line [3]');

  it('stops the run with exit 2 if none was understood before', async () => {
    const { sink } = await open({ bulk: () => malformed });
    const writing = sink.write(documentsOf(3), live);
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow(/proxy in the way change them/);
  });

  it('is halved if others were understood', async () => {
    const { sink } = await open({
      bulk: (request) => (request.uids.includes('b') ? malformed : all(request)),
    });
    await sink.write(named('x'), live);
    expect(fates(await sink.write(named('abcd'), live))).toBe('drdd');
  });
});

describe('finding the refused documents', () => {
  it('among 10,000 takes k log n requests', async () => {
    const bad = ['n17', 'n4711', 'n9999'];
    const { server, sink } = await open({
      bulk: (request) => (bad.some((uid) => request.uids.includes(uid)) ? page(403) : all(request)),
    });
    const outcomes = await sink.write(many(10_000), live);
    expect(outcomes.filter(({ fate }) => fate === 'rejected')).toHaveLength(3);
    expect(server.bulks().length).toBeLessThan(2 * 3 * Math.log2(10_000) + 2);
  });
});

describe('a request of 20 or more documents that is refused as a whole', () => {
  const bad = ({ uids }: Seen): boolean => uids.some((uid) => uid.startsWith('bad'));
  const seen = new Set<string>();
  /** A server that keeps uids; `wrong` makes its template refuse everything. */
  const keeping = (state: { wrong: boolean }, over: Script = {}): Script => {
    seen.clear();
    return {
      bulk: (request) =>
        all(request, (uid) => {
          if (state.wrong || bad({ ...request, uids: [uid] }))
            return failed(400, 'document_parsing_exception');
          if (seen.has(uid)) return failed(409, 'version_conflict_engine_exception');
          seen.add(uid);
          return item(201);
        }),
      ...over,
    };
  };

  it('is the documents’ fault if a stored one is refused only for its uid', async () => {
    const { server, sink } = await open(keeping({ wrong: false }));
    await sink.write(many(3), live);
    expect(fates(await sink.write(many(25, 'bad'), live))).toBe('r'.repeat(25));
    const [, , again] = server.bulks();
    expect(again?.uids).toEqual(['n0']);
    expect(again?.body).toBe(server.bulks()[0]?.body.split('\n').slice(0, 2).join('\n').concat('\n'));
  });

  it('also uses one that was a duplicate', async () => {
    const state = { wrong: false };
    const { sink } = await open(keeping(state));
    for (const { uid } of many(3)) seen.add(uid);
    expect(fates(await sink.write(many(3), live))).toBe('ddd');
    expect(fates(await sink.write(many(25, 'bad'), live))).toBe('r'.repeat(25));
  });

  it('is the template’s fault if that one is refused like the others', async () => {
    const state = { wrong: false };
    const { sink } = await open(keeping(state));
    await sink.write(many(3), live);
    state.wrong = true;
    const writing = sink.write(many(25), live);
    await expect(writing).rejects.toThrow(UnavailableError);
    await expect(writing).rejects.toThrow(/refused all 25 documents .* one that it already has/);
  });

  it('waits when the trial meets an outage, and gives no document a fate before', async () => {
    const state = { wrong: false };
    let busy = 2;
    const steps = keeping(state);
    const { sink } = await open({
      bulk: (request, nth) => {
        if (request.uids.length === 1 && busy-- > 0) return problem(503, 'no_master');
        return steps.bulk?.(request, nth) ?? all(request);
      },
    });
    await sink.write(many(3), live);
    expect(fates(await sink.write(many(25, 'bad'), live))).toBe('r'.repeat(25));
    expect(busy).toBe(-1);
  });

  it('does not use one from an index that is no longer written to', async () => {
    let indices = ['.ds-logs-stepsecurity.detection-default-2026.01.01-000001'];
    const { server, sink } = await open(
      keeping({ wrong: false }, { other: (request) => backing(request, indices, 0) }),
    );
    await sink.write(many(3), live);
    indices = [...indices, '.ds-logs-stepsecurity.detection-default-2026.01.01-000002'];
    await expect(sink.write(many(25, 'bad'), live)).rejects.toThrow(UnavailableError);
    expect(server.bulks().some(({ uids }) => uids.length === 1)).toBe(false);
  });

  describe('while nothing from the run is stored', () => {
    const samples = [testDocument('s1'), testDocument('s2'), testDocument('t', { dataset: 'threat_intel' })];
    const simulating = (answer: (sources: readonly { readonly id?: string }[]) => Step): Script =>
      keeping(
        { wrong: false },
        {
          other: (request) => {
            if (!request.path.endsWith('/_simulate')) return undefined;
            const { docs } = JSON.parse(request.body) as { docs: { _source: { id?: string } }[] };
            return answer(docs.map(({ _source }) => _source));
          },
        },
      );
    const error = { type: 'document_parsing_exception', reason: 'because' };
    const told = (refused: (id: string | undefined) => boolean) =>
      simulating((sources) => ({
        status: 200,
        body: { docs: sources.map(({ id }) => ({ doc: refused(id) ? { error } : { _id: id } })) },
      }));

    it('our samples speak for the template if the server checks the mapping', async () => {
      const { server, sink } = await open(
        told((id) => id === undefined),
        samples,
      );
      expect(fates(await sink.write(many(25, 'bad'), live))).toBe('r'.repeat(25));
      const asked = server.seen.filter(({ path }) => path.endsWith('/_simulate'));
      expect(asked).toHaveLength(1);
      expect(asked[0]?.body).not.toContain('threat_intel');
    });

    const stopping: [string, Script, RegExp][] = [
      ['against it', told((id) => id !== 's1'), /our own samples \(simulated\).*document_parsing_exception/],
      ['neither way if no mapping is checked', told(() => false), /without checking the mapping/],
      [
        'neither way if we may not simulate',
        simulating(() => problem(403, 'security_exception')),
        /simulating is refused/,
      ],
      ['neither way if the server cannot simulate', keeping({ wrong: false }), /simulating is refused/],
    ];
    test.each(stopping)('they speak %s: exit 4', async (_, steps, words) => {
      const { sink } = await open(steps, samples);
      const writing = sink.write(many(25, 'bad'), live);
      await expect(writing).rejects.toThrow(UnavailableError);
      await expect(writing).rejects.toThrow(words);
    });

    it('without a trial, different errors speak for the template, and fewer than 20 documents are not tried', async () => {
      const { server, sink } = await open({
        bulk: (request) => all(request, (uid) => failed(400, uid === 'bad7' ? 'other' : 'mapper')),
      });
      expect(fates(await sink.write(many(20, 'bad'), live))).toBe('r'.repeat(20));
      const before = server.seen.length;
      expect(fates(await sink.write(many(19, 'bad'), live))).toBe('r'.repeat(19));
      expect(server.seen).toHaveLength(before + 1);
    });
  });

  it('is tried again for each further request like it', async () => {
    const { server, sink } = await open(keeping({ wrong: false }));
    await sink.write(many(1), live);
    for (let round = 0; round < 3; round += 1) {
      expect(fates(await sink.write(many(25, 'bad'), live))).toBe('r'.repeat(25));
    }
    expect(server.bulks().filter(({ uids }) => uids.length === 1)).toHaveLength(1 + 3);
  });
});
