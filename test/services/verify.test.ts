import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Verification, verificationSchema } from '../../src/commands/verify/verification.ts';
import { verify } from '../../src/commands/verify/verify.ts';
import { loadConfig } from '../../src/config/load.ts';
import { routeOf } from '../../src/config/route.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { detection, ndjson } from '../bench/generate.ts';
import { uidOfPayload } from '../uid.ts';
import { backingOf, cluster, freshNamespace, hasFailureStore, uidsIn } from './elasticsearch.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const RANGE = { from: Date.parse('2026-01-01'), to: Date.parse('2026-01-02') };

describeWith(['ELASTICSEARCH_URL'], 'verify against a real Elasticsearch', () => {
  const url = need('ELASTICSEARCH_URL');
  const es = cluster(url);
  const used: string[] = [];

  beforeAll(async () => {
    for await (const _ of setUp(
      elasticsearchSchema.parse({ urls: [url] }),
      new AbortController().signal,
      false,
    ));
  });

  afterAll(async () => {
    await Promise.all(
      used.map((namespace) => es.call('DELETE', `/_data_stream/logs-stepsecurity.*-${namespace}`)),
    );
  });

  const place = () => {
    const folder = mkdtempSync(join(tmpdir(), 'verify-es-'));
    const namespace = freshNamespace('verify');
    used.push(namespace);
    mkdirSync(join(folder, 'export'));
    const values = {
      source: { type: 'file', path: join(folder, 'export') },
      sink: { type: 'elasticsearch', urls: [url], namespace },
      state: { type: 'file', path: join(folder, 'state') },
      log: { level: 'silent' },
    };
    const check = async (over: { repair?: boolean; force?: boolean } = {}): Promise<Verification> => {
      const accounts: Verification[] = [];
      const config = loadConfig(
        undefined,
        Object.entries(values).map(([key, value]) => ({ path: [key], value })),
        {},
      );
      const uids = join(folder, 'uids.csv');
      const options = { repair: false, force: true, ...over, route: routeOf(config), range: RANGE, uids };
      await verify({ ...options, report: (account) => accounts.push(account) });
      return verificationSchema.parse(accounts.at(-1));
    };
    return {
      stream: `logs-stepsecurity.detection-${namespace}`,
      put: (name: string, text: string) => writeFileSync(join(folder, 'export', name), text),
      run: () =>
        runCli([
          'run',
          ...Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]),
        ]),
      check,
      missing: () =>
        readFileSync(join(folder, 'uids.csv'), 'utf8')
          .split('\n')
          .filter((row) => row.split(',')[3] === 'missing')
          .map((row) => row.split(',')[0] ?? '')
          .sort(),
    };
  };

  it('needs no --force in the first month: nothing can have been deleted yet', async () => {
    const { put, run, check } = place();
    put('a.ndjson', ndjson(3, 0, 10));
    expect(await check({ force: false })).toMatchObject({ exit_code: 3, missing: 10 }); // There is no stream yet.
    await run();
    expect(await check({ force: false })).toMatchObject({ exit_code: 0, stored: 10 });
  }, 60_000);

  it('refuses a range from which one of two streams has deleted, and says why', async () => {
    const { put, run, check, stream } = place();
    put('a.ndjson', ndjson(3, 0, 10));
    await run();
    const other = stream.replace('detection', 'threat_intel');
    await es.call('POST', `/${other}/_create/1?refresh=true`, { '@timestamp': '2026-01-01T00:00:00Z' });
    await es.call('POST', `/${stream}/_rollover`);
    const [first] = await backingOf(es, stream);
    expect((await es.call('DELETE', `/${first}`)).status).toBe(200);
    const refused = await check({ force: false, repair: true });
    expect(refused.exit_code).toBe(2);
    expect(refused.error).toMatch(
      /may have been deleted: the oldest remaining backing index of .*detection.*--force/,
    );
    expect(await check()).toMatchObject({ exit_code: 3, missing: 10 });
  }, 60_000);

  it('finds what was deleted from three backing indices, and restores exactly that', async () => {
    const { put, run, check, missing, stream } = place();
    for (const part of [0, 1, 2]) {
      put(`${part}.ndjson`, ndjson(4, part * 1_500, part * 1_500 + 1_500));
      expect(ledgerOf(await run())).toMatchObject({ read: 1_500, delivered: 1_500 });
      if (part < 2) await es.call('POST', `/${stream}/_rollover`);
    }
    put('again.ndjson', ndjson(4, 0, 20));
    expect(await check()).toMatchObject({
      exit_code: 0,
      exported: 4_520,
      stored: 4_500,
      duplicate: 20,
      missing: 0,
    });

    const backing = await backingOf(es, stream);
    expect(backing).toHaveLength(3);
    const gone: string[] = [];
    for (const [part, index] of backing.entries()) {
      for (const at of [3, 700, 1_499]) {
        const uid = uidOfPayload(detection(4, part * 1_500 + at));
        gone.push(uid);
        expect((await es.call('DELETE', `/${index}/_doc/${uid}`)).status).toBe(200);
      }
    }
    const before = await check();
    expect(before).toMatchObject({ exit_code: 3, stored: 4_491, missing: 9 });
    expect(missing()).toEqual(gone.toSorted());
    expect(await check({ repair: true })).toMatchObject({
      exit_code: 0,
      stored: 4_491,
      repaired: 9,
      missing: 0,
    });
    expect(await check()).toMatchObject({ exit_code: 0, stored: 4_500, missing: 0 });
    const all = await uidsIn(es, stream);
    expect(all).toHaveLength(4_500);
    expect(new Set(all).size).toBe(4_500);
  }, 120_000);

  it('counts what is in the failure store, and what is only in the dead letters', async () => {
    const { put, run, check, stream } = place();
    put('a.ndjson', ndjson(5, 0, 20));
    await run();
    // From now on the stream refuses detections from this repository.
    const refused = [detection(5, 20), detection(5, 21)];
    const [index] = await backingOf(es, stream);
    await es.call('PUT', `/_ingest/pipeline/${stream}`, {
      processors: refused.map((one) => ({
        fail: { if: `ctx.event?.id == '${uidOfPayload(one)}'`, message: 'no' },
      })),
    });
    await es.call('PUT', `/${index}/_settings`, { 'index.default_pipeline': stream });
    put('b.ndjson', `${ndjson(5, 20, 25)}{"broken\n`);
    const ledger = ledgerOf(await run());
    expect(ledger).toMatchObject({ read: 6, delivered: 3, dead_lettered: 3 });

    const account = await check();
    // Without a failure store the two are in the dead letters, like the third.
    const [failed, letters] = (await hasFailureStore(url)) ? [2, 1] : [0, 3];
    expect(account).toMatchObject({
      exit_code: 0,
      exported: 26,
      stored: 23,
      failed,
      dead_lettered: letters,
      missing: 0,
    });
    await es.call('PUT', `/${index}/_settings`, { 'index.default_pipeline': null });
    await es.call('DELETE', `/_ingest/pipeline/${stream}`);
  }, 60_000);
});
