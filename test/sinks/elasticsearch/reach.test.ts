import { afterEach, expect, test } from '@jest/globals';
import { DAY_MS } from '../../../src/contracts/units.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { testContext } from '../../contract/sink.ts';
import { type Seen, type Step, script } from './scripted.ts';

const closing: (() => Promise<void> | undefined)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Held {
  readonly dataset: string;
  /** Age in days, and generation, of the oldest backing index. */
  readonly age: number;
  readonly generation: number;
  /** Retention in days; absent: forever. */
  readonly kept?: number;
}

const streamOf = ({ dataset }: Held): string => `logs-stepsecurity.${dataset}-default`;
const indexOf = (held: Held): string =>
  `.ds-${streamOf(held)}-2026.01.01-${String(held.generation).padStart(6, '0')}`;

async function reachOver(streams: readonly Held[]) {
  const now = Date.now();
  const other = ({ path }: Seen): Step | undefined => {
    if (path.startsWith('/_data_stream/')) {
      const found = streams.map((held) => ({
        name: streamOf(held),
        indices: [{ index_name: indexOf(held) }, { index_name: `${indexOf(held).slice(0, -6)}000099` }],
        ...(held.kept !== undefined && { ilm_policy: `kept-${held.kept}`, prefer_ilm: true }),
      }));
      return { status: 200, body: { data_streams: found } };
    }
    const policy = /^\/_ilm\/policy\/kept-(\d+)$/.exec(path)?.[1];
    if (policy !== undefined) {
      const phases = { delete: { min_age: `${policy}d`, actions: {} } };
      return { status: 200, body: { [`kept-${policy}`]: { policy: { phases } } } };
    }
    const held = streams.find((one) => decodeURIComponent(path).startsWith(`/${indexOf(one)}/`));
    if (held === undefined) return undefined;
    const created = String(now - held.age * DAY_MS);
    return { status: 200, body: { [indexOf(held)]: { settings: { 'index.creation_date': created } } } };
  };
  const server = await script({ other });
  const sink = createElasticsearchSink(elasticsearchSchema.parse({ urls: [server.url] }), testContext());
  closing.push(async () => sink.close?.(), server.close);
  const reach = await sink.reach?.(new AbortController().signal);
  return reach && { days: Math.round((now - reach.since) / DAY_MS), why: reach.why };
}

test('a stream that is younger than its retention has deleted nothing', async () => {
  expect(await reachOver([{ dataset: 'detection', age: 20, generation: 1, kept: 365 }])).toBeUndefined();
  expect(await reachOver([{ dataset: 'detection', age: 2_000, generation: 1 }])).toBeUndefined();
});

test('a stream that lost its first backing index reaches back to the oldest one left', async () => {
  const reach = await reachOver([{ dataset: 'detection', age: 20, generation: 11, kept: 365 }]);
  expect(reach).toMatchObject({ days: 20, why: expect.stringContaining('-000011') });
});

test('a first backing index older than the retention may be deleted at any moment', async () => {
  const reach = await reachOver([{ dataset: 'detection', age: 400, generation: 1, kept: 365 }]);
  expect(reach).toMatchObject({ days: 365, why: 'logs-stepsecurity.detection-default is kept for 365 days' });
});

const LONG: Held = { dataset: 'detection', age: 300, generation: 5, kept: 365 };
const SHORT: Held = { dataset: 'threat_intel', age: 25, generation: 9, kept: 30 };

test.each([
  ['the longer first', [LONG, SHORT]],
  ['the shorter first', [SHORT, LONG]],
])('among streams with different retention the shortest reach counts, %s', async (_, streams) => {
  expect(await reachOver(streams)).toMatchObject({ days: 25, why: expect.stringContaining('threat_intel') });
});

test('a young stream does not hide what an old one deleted', async () => {
  const young: Held = { dataset: 'pr_check', age: 1, generation: 1, kept: 365 };
  expect(await reachOver([young, LONG])).toMatchObject({ days: 300 });
});
