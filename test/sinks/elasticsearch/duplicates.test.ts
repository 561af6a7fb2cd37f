import { afterEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { testContext, testDocument } from '../../contract/sink.ts';
import { all, backing, item, problem, type Script, type Seen, type Step, script } from './scripted.ts';

const live = new AbortController().signal;
const closing: (() => Promise<void> | undefined)[] = [];
const HOUR = 3_600_000;
const CREATED = Date.parse('2026-01-10T00:00:00Z');
const index = (generation: number): string =>
  `.ds-logs-stepsecurity.detection-default-2026.01.10-${String(generation).padStart(6, '0')}`;

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(steps: Script) {
  const server = await script(steps);
  const context = testContext();
  const sink = createElasticsearchSink(elasticsearchSchema.parse({ urls: [server.url] }), context);
  closing.push(async () => sink.close?.(), server.close);
  return { server, sink, counters: context.counters };
}

const fates = (outcomes: readonly Outcome[]): string[] => outcomes.map((outcome) => outcome.fate);
const lookups = (seen: readonly Seen[]): Seen[] => seen.filter(({ path }) => /_mget|_search/.test(path));
const ids = (request: Seen | undefined): unknown =>
  (JSON.parse(request?.body ?? '{}') as { ids?: unknown }).ids;

/** Backing indices that hold some uids, as `_mget` by name and a search through the stream report them. */
function holding(indices: readonly string[], held: Readonly<Record<string, string>>) {
  return (request: Seen): Step | undefined => {
    const asked = decodeURIComponent(request.path.split('/')[1] ?? '');
    if (request.path.endsWith('/_mget')) {
      const { ids: uids } = JSON.parse(request.body) as { ids: string[] };
      return {
        status: 200,
        body: { docs: uids.map((uid) => ({ _index: asked, _id: uid, found: held[uid] === asked })) },
      };
    }
    if (request.path.endsWith('/_search')) {
      const hits = Object.entries(held).map(([uid, where]) => ({ _id: uid, _index: where }));
      return { status: 200, body: { hits: { hits } } };
    }
    return backing(request, indices, CREATED);
  };
}

const intoIndex = (generation: number) => (request: Seen) =>
  all(request, () => item(201, { _index: index(generation) }));

describe('with one backing index', () => {
  it('asks nothing', async () => {
    const { server, sink } = await open({ bulk: intoIndex(1), other: holding([index(1)], {}) });
    await sink.write([testDocument('a', { time: 0 }), testDocument('b', { timeIsReceipt: true })], live);
    await sink.write([testDocument('c', { time: 0 })], live);
    expect(lookups(server.seen)).toEqual([]);
    expect(server.seen.filter(({ path }) => path.startsWith('/_data_stream'))).toHaveLength(1);
  });

  it('asks nothing of a stream that the first write creates', async () => {
    let created = false;
    const { server, sink } = await open({
      bulk: (request) => {
        created = true;
        return intoIndex(1)(request);
      },
      other: (request) => holding(created ? [index(1)] : [], {})(request),
    });
    expect(fates(await sink.write([testDocument('a', { time: 0 })], live))).toEqual(['delivered']);
    expect(lookups(server.seen)).toEqual([]);
  });
});

describe('with several backing indices', () => {
  const four = [index(1), index(2), index(3), index(4)];

  it('looks up what may be older than the write index, in the two newest by name and in older ones by search', async () => {
    const held = { newest: index(4), second: index(3), oldest: index(1) };
    const { server, sink, counters } = await open({ bulk: intoIndex(4), other: holding(four, held) });
    const outcomes = await sink.write(
      [
        testDocument('newest', { time: CREATED }),
        testDocument('second', { time: CREATED - 50 * HOUR }),
        testDocument('oldest', { time: CREATED + HOUR }),
        testDocument('receipt', { time: CREATED + 99 * HOUR, timeIsReceipt: true }),
        testDocument('news', { time: CREATED + HOUR + 1 }),
      ],
      live,
    );
    expect(fates(outcomes)).toEqual(['duplicate', 'duplicate', 'duplicate', 'delivered', 'delivered']);
    const [first, second, search] = lookups(server.seen);
    expect(first?.path).toBe(`/${index(4)}/_mget`);
    expect(first?.query.get('_source')).toBe('false');
    expect(ids(first)).toEqual(['newest', 'second', 'oldest', 'receipt']);
    expect(second?.path).toBe(`/${index(3)}/_mget`);
    expect(ids(second)).toEqual(['second', 'oldest', 'receipt']);
    expect(search?.path).toBe('/logs-stepsecurity.detection-default/_search');
    expect(JSON.parse(search?.body ?? '')).toMatchObject({
      query: { ids: { values: ['oldest', 'receipt'] } },
    });
    expect(server.bulks().map(({ uids }) => uids)).toEqual([['receipt', 'news']]);
    expect(Object.fromEntries(counters)).toMatchObject({ mget_requests: 2, search_requests: 1 });
    expect(counters.has('doubled')).toBe(false);
  });

  it('sends nothing if everything is there', async () => {
    const { server, sink } = await open({ other: holding(four, { a: index(2) }) });
    expect(fates(await sink.write([testDocument('a', { time: 0 })], live))).toEqual(['duplicate']);
    expect(server.bulks()).toEqual([]);
  });

  it('never treats an index that cannot answer as empty', async () => {
    let asked = 0;
    const { server, sink } = await open({
      bulk: intoIndex(4),
      other: (request) => {
        if (request.path === `/${index(3)}/_mget`) {
          asked += 1;
          const error = { type: 'no_shard_available_action_exception' };
          if (asked === 1) return { status: 200, body: { docs: [{ _id: 'a', error }] } };
        }
        return holding(four, { a: index(3) })(request);
      },
    });
    expect(fates(await sink.write([testDocument('a', { time: 0 })], live))).toEqual(['duplicate']);
    expect(asked).toBe(2);
    expect(server.bulks()).toEqual([]);
  });

  it('continues when a listed index was deleted meanwhile', async () => {
    const { sink } = await open({
      bulk: intoIndex(4),
      other: (request) =>
        request.path === `/${index(3)}/_mget`
          ? { status: 200, body: { docs: [{ _id: 'a', error: { type: 'index_not_found_exception' } }] } }
          : holding(four, {})(request),
    });
    expect(fates(await sink.write([testDocument('a', { time: 0 })], live))).toEqual(['delivered']);
  });
});

describe('after an unknown outcome', () => {
  it('lists the backing indices again and looks up everything before it resends', async () => {
    let rolled = false;
    const news = { time: CREATED + 99 * HOUR };
    const { server, sink, counters } = await open({
      bulk: (request, nth) => {
        if (nth > 0) return intoIndex(2)(request);
        rolled = true;
        return 'reset';
      },
      other: (request) => holding(rolled ? [index(1), index(2)] : [index(1)], { a: index(1) })(request),
    });
    const outcomes = await sink.write([testDocument('a', news), testDocument('b', news)], live);
    expect(fates(outcomes)).toEqual(['duplicate', 'delivered']);
    expect(server.bulks().map(({ uids }) => uids)).toEqual([['a', 'b'], ['b']]);
    expect(counters.has('doubled')).toBe(false);
  });

  it('looks up nothing that was refused as busy', async () => {
    const { server, sink } = await open({
      bulk: (request, nth) =>
        nth === 0
          ? all(request, () => item(429, { error: { type: 'es_rejected_execution_exception' } }))
          : intoIndex(2)(request),
      other: holding([index(1), index(2)], {}),
    });
    await sink.write([testDocument('a', { time: CREATED + 99 * HOUR })], live);
    expect(lookups(server.seen)).toEqual([]);
  });
});

describe('a rollover between look-up and create', () => {
  it('is noticed by the index named in the reply; documents that are now there twice are counted', async () => {
    let rolled = false;
    const { server, sink, counters } = await open({
      bulk: (request) => {
        rolled = true;
        return intoIndex(2)(request);
      },
      other: (request) => holding(rolled ? [index(1), index(2)] : [index(1)], { old: index(1) })(request),
    });
    const outcomes = await sink.write(
      [testDocument('old', { time: 0 }), testDocument('new', { time: 0 })],
      live,
    );
    expect(fates(outcomes)).toEqual(['duplicate', 'delivered']);
    expect(counters.get('doubled')).toBe(1);
    expect(lookups(server.seen).map(({ path }) => path)).toEqual([`/${index(1)}/_mget`]);
  });

  it('repeats the look-up until it is answered, and sends nothing twice', async () => {
    let rolled = false;
    let asked = 0;
    const { server, sink, counters } = await open({
      bulk: (request) => {
        rolled = true;
        return intoIndex(2)(request);
      },
      other: (request) => {
        if (request.path.endsWith('/_mget')) {
          asked += 1;
          if (asked === 1) return problem(503, 'no_shard');
        }
        return holding(rolled ? [index(1), index(2)] : [index(1)], { old: index(1) })(request);
      },
    });
    expect(fates(await sink.write([testDocument('old', { time: 0 })], live))).toEqual(['duplicate']);
    expect(counters.get('doubled')).toBe(1);
    expect(server.bulks()).toHaveLength(1);
  });
});
