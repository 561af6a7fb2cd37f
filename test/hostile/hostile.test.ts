import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { payloadOf } from '../detections/harness.ts';
import { describeWith, need } from '../services/require.ts';
import { CASES, type Case, TOGETHER } from './cases.ts';
import { type MemoryGroup, makeMemoryGroup } from './memory-group.ts';
import {
  type Destination,
  inBucket,
  inFolder,
  input,
  type Objects,
  type Origin,
  scratch,
  toElasticsearch,
  toSplunk,
} from './places.ts';
import { program, type Run } from './program.ts';

const GOOD = ['900001', '900002'];
const PEAK_MIB = 256;
const CONTAINER_BYTES = 512 * 2 ** 20;

const good = (runId: string | undefined): Buffer =>
  Buffer.from(
    `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: `good-${runId}`, run_id: runId ?? '' }))}\n`,
  );

/** Hostile objects between two good ones, in reading order. */
async function between(names: readonly string[]): Promise<Objects> {
  const hostile = await Promise.all(names.map(async (name) => [`m-${name}`, await input(name)] as const));
  return {
    'a-good.ndjson': good(GOOD[0]),
    ...Object.fromEntries(hostile),
    'z-good.ndjson': good(GOOD[1]),
  };
}

interface Route {
  readonly from: string;
  readonly open: (folder: string, objects: Objects) => Promise<Origin>;
  readonly to: string;
  readonly make: () => Destination;
}

const FOLDER = { from: 'a folder', open: inFolder };
const S3 = { from: 'S3', open: (_: string, objects: Objects) => inBucket(objects) };
const ELASTICSEARCH = { to: 'Elasticsearch', make: toElasticsearch };
const SPLUNK = { to: 'Splunk', make: toSplunk };

/** Both sources and both sinks get each object alone, … */
const ALONE: readonly Route[] = [
  { ...S3, ...ELASTICSEARCH },
  { ...FOLDER, ...SPLUNK },
];
/** … and every source feeds every sink with all objects together. */
const ALL: readonly Route[] = [...ALONE, { ...S3, ...SPLUNK }, { ...FOLDER, ...ELASTICSEARCH }];

jest.setTimeout(180_000);

describeWith(
  ['ELASTICSEARCH_URL', 'S3_ENDPOINT', 'HEC_URL', 'HEC_TOKEN', 'HEC_EVENTS'],
  'hostile objects between two good ones',
  () => {
    const group = makeMemoryGroup(CONTAINER_BYTES);
    afterAll(() => group?.remove());
    beforeAll(async () => {
      const options = elasticsearchSchema.parse({ urls: [need('ELASTICSEARCH_URL')] });
      for await (const _ of setUp(options, new AbortController().signal, false));
    });

    it.each(CASES.flatMap((one) => ALONE.map((route) => ({ ...route, ...one }))))(
      '$name, from $from into $to',
      async ({ open, make, ...one }) => {
        await expectTold([one.name], one, { open, make });
      },
    );

    const where = group === undefined ? '' : ', in a container of 512 MiB';
    it.each(ALL)(`all together, from $from into $to${where}`, async ({ open, make }) => {
      await expectTold(
        CASES.map(({ name }) => name),
        TOGETHER,
        { open, make },
        group,
      );
    });
  },
);

/**
 * Good detections arrive once; exit codes and letters are as listed; the last run reads nothing; memory stays bounded.
 */
async function expectTold(
  names: readonly string[],
  { exits, letters }: Omit<Case, 'name'>,
  { open, make }: Pick<Route, 'open' | 'make'>,
  group?: MemoryGroup,
): Promise<void> {
  const { path, remove } = await scratch();
  const to = make();
  try {
    const from = await open(path, await between(names));
    const { run, letters: lettersOf } = await program(path, from, to, { log: { level: 'warn' } }, group);
    const runs: Run[] = [];
    for (const _ of exits) runs.push(await run());
    expect(runs.map(({ code }) => code)).toEqual(exits);
    expect(runs.at(-1)?.ledger).toMatchObject({ read: 0, complete: true });
    expect(codesOf(await lettersOf())).toEqual(letters);
    const there = await to.runIds();
    expect(GOOD.map((id) => there.get(id))).toEqual([1, 1]);
    for (const { peakMiB } of runs) expect(peakMiB).toBeLessThanOrEqual(PEAK_MIB);
  } finally {
    await to.close();
    await remove();
  }
}

function codesOf(letters: readonly { readonly code: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of letters) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
