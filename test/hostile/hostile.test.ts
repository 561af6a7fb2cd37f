import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { payloadOf } from '../detections/harness.ts';
import { describeWith, need } from '../services/require.ts';
import { CASES } from './cases.ts';
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
import { type Program, program, type Run } from './program.ts';

const GOOD = ['900001', '900002'];
const PEAK_MIB = 256;

const good = (runId: string | undefined): Buffer =>
  Buffer.from(
    `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: `good-${runId}`, run_id: runId ?? '' }))}\n`,
  );

/** A hostile object between two good ones, in the order of reading. */
const between = async (name: string): Promise<Objects> => ({
  'a-good.ndjson': good(GOOD[0]),
  [`m-${name}`]: await input(name),
  'z-good.ndjson': good(GOOD[1]),
});

const SOURCES: readonly [string, (folder: string, objects: Objects) => Promise<Origin>][] = [
  ['a folder', inFolder],
  ['S3', (_, objects) => inBucket(objects)],
];
const SINKS: readonly [string, () => Destination][] = [
  ['Elasticsearch', toElasticsearch],
  ['Splunk', toSplunk],
];

jest.setTimeout(120_000);

describeWith(
  ['ELASTICSEARCH_URL', 'S3_ENDPOINT', 'HEC_URL', 'HEC_TOKEN', 'HEC_EVENTS'],
  'a hostile object between two good ones',
  () => {
    beforeAll(async () => {
      const options = elasticsearchSchema.parse({ nodes: [need('ELASTICSEARCH_URL')] });
      for await (const _ of setUp(options, new AbortController().signal, false));
    });

    const places = SOURCES.flatMap(([from, open]) => SINKS.map(([to, make]) => ({ from, open, to, make })));
    const rows = CASES.flatMap((one) => places.map((place) => ({ ...place, ...one })));

    it.each(rows)('$name, from $from into $to', async ({ name, exits, letters, open, make }) => {
      const { path, remove } = await scratch();
      const to = make();
      try {
        const started = await program(path, await open(path, await between(name)), to, {
          log: { level: 'warn' },
        });
        const runs = await runsOf(started, exits.length);
        expect(runs.map(({ code }) => code)).toEqual(exits);
        const last = runs.at(-1);
        expect(last?.ledger).toMatchObject({ read: 0, complete: true });
        expect(codesOf(await started.letters())).toEqual(letters);
        const there = await to.runIds();
        expect(GOOD.map((id) => there.get(id))).toEqual([1, 1]);
        for (const { peakMiB } of runs) expect(peakMiB).toBeLessThanOrEqual(PEAK_MIB);
      } finally {
        await to.close();
        await remove();
      }
    });
  },
);

async function runsOf({ run }: Program, count: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (let nth = 0; nth < count; nth += 1) runs.push(await run());
  return runs;
}

function codesOf(letters: readonly { readonly code: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of letters) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
