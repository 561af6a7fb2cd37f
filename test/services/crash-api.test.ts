import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { startApi } from '../scripted/stepsecurity-api.ts';
import { uidOfPayload } from '../uid.ts';
import { cluster, freshNamespace, uidsIn } from './elasticsearch.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const KILLS = 20;
const ROWS = 3_000;
/** About the number of requests in a pass. */
const MOST_REQUESTS = 80;
const KEY = ['crash', 'test', 'key'].join('-');
const KINDS = ['Domain-Blocked', 'Reverse-Shell', 'Privileged-Container'];

describeWith(['ELASTICSEARCH_URL'], 'the poller killed at random moments', () => {
  test('loses no version that is still listed, and repeats none', async () => {
    const api = await startApi(KEY);
    const es = cluster(need('ELASTICSEARCH_URL'));
    const namespace = freshNamespace('crash_api');
    const config = await writeConfig(api.url, namespace);
    const runs = Array.from({ length: ROWS }, () => 0);
    const rewrite = (n: number, status?: string) => api.put(rowOf(n, runs[n] ?? 0), status);
    try {
      for (let n = 0; n < ROWS; n += 1) rewrite(n);
      expect((await runCli(['setup', '--config', config])).code).toBe(0);
      for (let kill = 0; kill < KILLS; kill += 1) {
        // During the run, each request moves one row to another run and suppresses another row. The kill counts
        // requests, not time, so that a slow machine is not killed before it has done anything.
        let request = 0;
        const last = 1 + Math.floor(Math.random() * MOST_REQUESTS);
        const killer = new AbortController();
        api.onRequest = () => {
          request += 1;
          if (request === last) killer.abort();
          const n = (kill * 151 + request * 37) % ROWS;
          runs[n] = (runs[n] ?? 0) + 1;
          rewrite(n);
          rewrite((n + 7) % ROWS, 'suppressed');
        };
        await runCli(['run', '--config', config], { kill: killer.signal });
      }
      api.onRequest = () => undefined;
      const [end, still] = [
        await runCli(['run', '--config', config]),
        await runCli(['run', '--config', config]),
      ];
      expect([end.code, still.code]).toEqual([0, 0]);
      expect(ledgerOf(still).read).toBe(0);

      const found = await all(es, `logs-stepsecurity.detection-${namespace}`);
      expect(new Set(found).size).toBe(found.length);
      const there = new Set(found);
      // Otherwise the kills came too early to prove anything.
      const versions = runs.flatMap((last, n) =>
        Array.from({ length: last + 1 }, (_, run) => uidOfPayload(rowOf(n, run))),
      );
      const listed = new Set(versions);
      const changes = found.filter((id) => !listed.has(id));
      expect(changes.length).toBeGreaterThan(KILLS);
      const missing = runs.map((run, n) => uidOfPayload(rowOf(n, run))).filter((id) => !there.has(id));
      expect(missing).toEqual([]);
      expect(api.violations).toEqual([]);
    } finally {
      await api.close();
    }
  }, 300_000);
});

const eventId = (n: number, run: number) => `event-${n}-${run}`;

function rowOf(n: number, run: number): JsonObject {
  const kind = KINDS[n % KINDS.length] ?? '';
  return {
    id: kind,
    name: kind,
    event_id: eventId(n, run),
    owner: 'acme',
    repo: 'shop',
    workflow_id: 'acme-shop-.github-workflows-ci.yml',
    workflow_path: '.github/workflows/ci.yml',
    run_id: String(1_000 + run),
    job_id: '46495445322',
    timestamp: '1753204032',
    detection: `${kind}-${n}`,
  };
}

/** Every `event.id` in a stream that may have more than one page of hits. */
async function all(es: ReturnType<typeof cluster>, stream: string): Promise<string[]> {
  const { body: counted } = await es
    .call('POST', `/${stream}/_refresh`)
    .then(() => es.call('GET', `/${stream}/_count`));
  expect(Number(counted.count)).toBeLessThan(10_000);
  return uidsIn(es, stream);
}

async function writeConfig(url: string, namespace: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crash-api-'));
  const path = join(folder, 'config.yaml');
  // Small pages, small batches and frequent saves give the kills as many different moments as possible.
  await writeFile(
    path,
    `source: { type: api, url: '${url}', api_key: '${KEY}', owners: [acme], kinds: [${KINDS.join()}], page_rows: 50, max_requests_per_second: 60 }
sink: { type: elasticsearch, urls: ['${need('ELASTICSEARCH_URL')}'], namespace: ${namespace} }
state: { type: file, path: ${join(folder, 'state')} }
pipeline: { batch_bytes: 16384, save_interval: 100ms, concurrency: 3 }
log: { level: warn }
`,
  );
  return path;
}
