import { afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { payloadOf } from '../detections/harness.ts';
import { describeWith, need } from '../services/require.ts';
import { type Destination, inFolder, scratch, toElasticsearch, toSplunk } from './places.ts';
import { program } from './program.ts';

const MB = 1_000_000;
const LARGE: Readonly<Record<string, JsonObject>> = {
  '2': { novelty: 'v'.repeat(2 * MB) },
  '3': { novelty: '"'.repeat(4 * MB) },
  '4': { novelty: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])) },
  '5': { ['k'.repeat(2 * MB)]: 1 },
  '6': { name: 'n'.repeat(2 * MB) },
  '7': { process_events: [{ exe: '/bin/sh', arguments: ['-c', 'a'.repeat(2 * MB)] }] },
  '8': Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`k${n}`, n])),
};

jest.setTimeout(120_000);

describeWith(
  ['ELASTICSEARCH_URL', 'HEC_URL', 'HEC_TOKEN', 'HEC_EVENTS'],
  'detections of megabytes arrive, up to the size that the destination accepts',
  () => {
    let folder: Awaited<ReturnType<typeof scratch>>;
    beforeAll(async () => {
      const options = elasticsearchSchema.parse({ urls: [need('ELASTICSEARCH_URL')] });
      for await (const _ of setUp(options, new AbortController().signal, false));
    });
    beforeEach(async () => {
      folder = await scratch();
    });
    afterEach(() => folder.remove());

    const sinks: [string, () => Destination, object][] = [
      ['Elasticsearch', toElasticsearch, { long_text_cut: 2 }],
      ['Splunk', toSplunk, { long_text_cut: 2, payload_cut: Object.keys(LARGE).length }],
    ];
    it.each(sinks)('%s', async (_, make, warnings) => {
      const to = make();
      const all = Object.entries({ '1': {}, ...LARGE, '9': {} });
      const objects = all.map(([id, more]): [string, Buffer] => [
        `${id}.ndjson`,
        Buffer.from(`${JSON.stringify(payloadOf('Reverse-Shell', { run_id: id, ...more }))}\n`),
      ]);
      try {
        const started = await program(
          folder.path,
          await inFolder(folder.path, Object.fromEntries(objects)),
          to,
        );
        const { code, ledger } = await started.run();
        expect(await started.letters()).toEqual([]);
        expect(code).toBe(0);
        expect(ledger).toMatchObject({ read: all.length, delivered: all.length, warnings });
        const there = await to.runIds();
        expect(all.map(([id]) => there.get(id))).toEqual(all.map(() => 1));
      } finally {
        await to.close();
      }
    });
  },
);
