import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { documentsOf, testContext } from '../../contract/sink.ts';
import { live } from '../../live.ts';
import { all, indexMade, isIndex, item, problem, type Scripted, script } from './scripted.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const OLD = '.ds-logs-stepsecurity.detection-default-2026.01.01-000001';
const NEW = '.ds-logs-stepsecurity.detection-default-2026.01.01-000002';

interface Stream {
  /** The index that already exists. */
  readonly before?: 'ours' | 'theirs';
  /** The next write creates a new one. */
  readonly rolling?: boolean;
  /** What the first write creates, if it creates one. */
  readonly after?: 'ours' | 'theirs';
  /** Requests whose documents a pipeline drops. */
  readonly drops?: number;
}

/** A cluster with one stream, and a sink. */
async function open({ before, rolling = false, after, drops = 0 }: Stream) {
  let isWritten = false;
  const server: Scripted = await script({
    bulk: (request, nth) => {
      if (nth < drops) return all(request, () => item(200));
      isWritten = true;
      return all(request, () => item(201, { _index: after === undefined ? OLD : NEW }));
    },
    other: (request) => {
      if (isIndex(request))
        return indexMade(request, 0, (request.path.includes(NEW) ? after : before) === 'ours');
      if (request.path.endsWith('/_mget')) return { status: 200, body: { docs: [] } };
      if (!request.path.startsWith('/_data_stream/')) return undefined;
      const indices = [
        ...(before === undefined ? [] : [OLD]),
        ...(isWritten && after !== undefined ? [NEW] : []),
      ];
      if (indices.length === 0) return problem(404, 'index_not_found_exception');
      const found = {
        indices: indices.map((name) => ({ index_name: name })),
        rollover_on_write: rolling && !isWritten,
      };
      return { status: 200, body: { data_streams: [found] } };
    },
  });
  const sink = createElasticsearchSink(elasticsearchSchema.parse({ urls: [server.url] }), testContext());
  closing.push(server.close, sink.close);
  return { sink, sizes: () => server.bulks().map(({ uids }) => uids.length) };
}

const THEIRS =
  /^logs-stepsecurity\.detection-default was not made from this program's index template: run setup/;

describe('a stream from our template', () => {
  it.each([
    ['is written to immediately', { before: 'ours' }, [4]],
    ['is written to once the first document has created it', { after: 'ours' }, [1, 3]],
    ['and after a rollover that setup asked for', { before: 'theirs', rolling: true, after: 'ours' }, [1, 3]],
  ] satisfies [string, Stream, number[]][])('%s', async (_, stream, sizes) => {
    const opened = await open(stream);
    const outcomes = await opened.sink.write(documentsOf(4), live);
    expect(outcomes.map(({ fate }) => fate)).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
    await opened.sink.write(documentsOf(2), live);
    expect(opened.sizes()).toEqual([...sizes, 2]);
  });

  it('gets one document at a time while a pipeline drops the one that would create it', async () => {
    const { sink, sizes } = await open({ after: 'ours', drops: 2 });
    const outcomes = await sink.write(documentsOf(5), live);
    expect(outcomes.map(({ fate }) => fate).join()).toBe('filtered,filtered,delivered,delivered,delivered');
    expect(sizes()).toEqual([1, 1, 1, 2]);
  });
});

it('stops checking a server that stores documents but shows no data stream', async () => {
  const { sink, sizes } = await open({});
  await sink.write(documentsOf(4), live);
  await sink.write(documentsOf(2), live);
  expect(sizes()).toEqual([1, 3, 2]);
});

describe('a stream from another template stops the run', () => {
  it.each([
    ['before anything is written', { before: 'theirs' }, 4, []],
    ['after the document that created it', { after: 'theirs' }, 4, [1]],
    ['even if there was no other document', { after: 'theirs' }, 1, [1]],
    ['after a rollover to it', { before: 'ours', rolling: true, after: 'theirs' }, 4, [1]],
  ] satisfies [string, Stream, number, number[]][])('%s', async (_, stream, documents, sizes) => {
    const opened = await open(stream);
    const writing = opened.sink.write(documentsOf(documents), live);
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow(THEIRS);
    expect(opened.sizes()).toEqual(sizes);
  });

  it('with several batches in flight: after one document in total', async () => {
    const { sink, sizes } = await open({ after: 'theirs' });
    const writes = await Promise.allSettled([1, 2, 3].map(() => sink.write(documentsOf(3), live)));
    expect(writes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(sizes()).toEqual([1]);
  });
});
