import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { detection } from '../bench/generate.ts';
import { uidOfPayload } from '../uid.ts';
import { cluster, freshNamespace, uidsIn } from './elasticsearch.ts';
import { type Ended, ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const WORD = 'this-one-kills';
const PRELOAD = new URL('../pipeline/die-of.js', import.meta.url).href;

describeWith(['ELASTICSEARCH_URL'], 'an object that killed the process three times', () => {
  const url = need('ELASTICSEARCH_URL');
  const es = cluster(url);
  const namespace = freshNamespace('replayed');
  const streams = `logs-stepsecurity.*-${namespace}`;

  beforeAll(async () => {
    const options = elasticsearchSchema.parse({ urls: [url] });
    for await (const _ of setUp(options, new AbortController().signal, false));
  }, 60_000);
  afterAll(() => es.call('DELETE', `/_data_stream/${streams}`));

  it('is delivered by a replay, each detection once, whatever was delivered before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'replayed-'));
    const input = join(folder, 'export');
    mkdirSync(input);
    const config = join(folder, 'config.yaml');
    writeFileSync(
      config,
      `source: { type: file, path: ${input} }
sink: { type: elasticsearch, urls: ['${url}'], namespace: ${namespace} }
state: { type: file, path: ${join(folder, 'state')} }
log: { level: warn }
`,
    );
    const all = Array.from({ length: 12 }, (_, at) => detection(31, at));
    const lines = (from: number, to: number): string =>
      all
        .slice(from, to)
        .map((one, at) => `${JSON.stringify(from + at === 6 ? { ...one, note: WORD } : one)}\n`)
        .join('');
    writeFileSync(join(input, '1.json'), lines(0, 3));
    writeFileSync(join(input, '2.json'), lines(2, 9));
    writeFileSync(join(input, '3.json'), lines(8, 12));
    const deadly = { DIE_OF: WORD, NODE_OPTIONS: `--import ${PRELOAD}` };
    const ends: Ended[] = [];
    while (ends.length < 10 && ends.at(-1)?.signal !== null) {
      ends.push(await runCli(['run', '--config', config], { env: deadly }));
    }
    expect(ends.at(-1)?.code).toBe(3);

    const replayed = await runCli(['dead-letters', 'replay', '--config', config]);
    expect(replayed.code).toBe(0);
    // Two of them came with the neighboring objects.
    expect(ledgerOf(replayed)).toMatchObject({ read: 7, delivered: 5, duplicate: 2, dead_lettered: 0 });
    const list = await runCli(['dead-letters', 'list', '--config', config]);
    expect(list.stdout).toBe('');
    expect((await uidsIn(es, streams)).sort()).toEqual(all.map((one) => uidOfPayload(one)).sort());
  }, 120_000);
});
