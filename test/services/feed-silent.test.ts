import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { elasticsearch } from '../../src/sinks/elasticsearch/index.ts';
import { elasticsearchSchema, feedStreamName } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { testContext, testHeartbeat } from '../contract/sink.ts';
import { searchAt } from '../deploy/feed-silent.ts';
import { live } from '../live.ts';
import { cluster, freshNamespace } from './elasticsearch.ts';
import { describeWith, need } from './require.ts';

describeWith(['ELASTICSEARCH_URL'], 'the search of the rule for silence', () => {
  const es = cluster(need('ELASTICSEARCH_URL'));
  const namespace = freshNamespace('silent');
  const stream = feedStreamName(namespace);
  const options = elasticsearchSchema.parse({ urls: [es.url], namespace });
  const finished = Date.now();
  const MINUTE = 60_000;

  beforeAll(async () => {
    for await (const _ of setUp(options, live, false));
  });
  afterAll(() => es.call('DELETE', `/_data_stream/${stream}`));

  const matches = async (now: number): Promise<unknown> => {
    await es.call('POST', `/${stream}/_refresh`);
    const { body } = await es.call('POST', `/${stream}/_search`, searchAt(now));
    return (body.hits as { total: { value: number } } | undefined)?.total.value ?? 0;
  };
  const beat = async (id: string, over: object): Promise<void> => {
    const sink = await elasticsearch.create(options, { ...testContext() });
    await sink.heartbeat?.(testHeartbeat({ id, started: finished, finished, ...over }), live);
    await sink.close?.();
  };

  it('finds nothing if nothing was written, if runs fail, or if there was only a backfill', async () => {
    expect(await matches(finished)).toBe(0);
    await beat('failed', { exitCode: 4, complete: false });
    await beat('backfill', { command: 'backfill' });
    expect(await matches(finished + MINUTE)).toBe(0);
  });

  it('finds a completed run, for an hour', async () => {
    await beat('complete', { exitCode: 3 });
    expect(await matches(finished + MINUTE)).toBe(1);
    expect(await matches(finished + 59 * MINUTE)).toBe(1);
    expect(await matches(finished + 61 * MINUTE)).toBe(0);
  });
});
