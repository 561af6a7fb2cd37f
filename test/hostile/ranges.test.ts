import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { cluster } from '../services/elasticsearch.ts';
import { runCli } from '../services/process.ts';
import { describeWith, need } from '../services/require.ts';
import { scratch, toElasticsearch } from './places.ts';

const input = (name: string): string => fileURLToPath(new URL(`inputs/${name}`, import.meta.url));

let folder: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  folder = await scratch();
});
afterEach(() => folder.remove());

/** A configuration that reads a folder with one input; returns a function that runs a command with it. */
async function commands(name: string, sink: object, more: object = {}) {
  const source = join(folder.path, 'in');
  await mkdir(source);
  await copyFile(input(name), join(source, name));
  const config = join(folder.path, 'config.yaml');
  const state = { type: 'file', path: 'state' };
  await writeFile(config, JSON.stringify({ source: { type: 'file', path: source }, sink, state, ...more }));
  return async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runCli([command, '--config', config, ...args]);
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    return { code, stderr, account: last.startsWith('{') ? (JSON.parse(last) as object) : {} };
  };
}

describeWith(['ELASTICSEARCH_URL'], 'detections without a readable time, with time ranges', () => {
  beforeAll(async () => {
    const options = elasticsearchSchema.parse({ urls: [need('ELASTICSEARCH_URL')] });
    for await (const _ of setUp(options, new AbortController().signal, false));
  });

  it('are delivered once by a backfill of any range, and verify finds them', async () => {
    const to = toElasticsearch();
    try {
      const run = await commands('no-timestamp.ndjson', to.options);
      const july = ['--from', '2025-07-01', '--to', '2025-08-01'];
      const june = ['--from', '2025-06-01', '--to', '2025-07-01'];
      const first = await run('backfill', ...july);
      expect(first).toMatchObject({
        code: 0,
        account: { read: 3, delivered: 3, complete: true, warnings: { bad_timestamp: 2 } },
      });
      expect(await run('backfill', ...june)).toMatchObject({
        code: 0,
        account: { read: 3, duplicate: 2, filtered: 1, filters: { outside_range: 1 } },
      });
      // The streams are newer than the range asked for: nothing was deleted.
      for (const range of [july, june]) {
        const { code, account } = await run('verify', ...range);
        expect({ code, account }).toMatchObject({ code: 0, account: { missing: 0, complete: true } });
      }
      const es = cluster(need('ELASTICSEARCH_URL'));
      const { namespace } = to.options as { namespace: string };
      const { body } = await es.call('GET', `/logs-stepsecurity.*-${namespace}/_count`);
      expect(body).toMatchObject({ count: 3 });
    } finally {
      await to.close();
    }
  });
});

const toFile = (): object => ({ type: 'ndjson', path: join(folder.path, 'out.ndjson'), schema: 'ecs' });

it('a pattern of three stars does not hold up a run, whatever the name of a repository', async () => {
  const filter = { name: 'sandboxes', exclude: { repositories: ['*-test-*-sandbox-*-x'] } };
  const run = await commands('redos-filter.json', toFile(), { filters: [filter] });
  expect(await run('run')).toMatchObject({ code: 0, account: { read: 1, complete: true } });
});

it('an invalid pattern is refused by its key, with exit 2', async () => {
  const filter = { name: 'sandboxes', exclude: { repositories: ['acme/{a,{b,c}}'] } };
  const run = await commands('redos-filter.json', toFile(), { filters: [filter] });
  const { code, stderr } = await run('run');
  expect(code).toBe(2);
  expect(stderr).toContain('filters');
  expect(stderr).toContain('braces in braces');
});
