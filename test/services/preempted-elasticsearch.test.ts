import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../src/sinks/elasticsearch/options.ts';
import { setUp } from '../../src/sinks/elasticsearch/setup.ts';
import { uidOfPayload } from '../uid.ts';
import { cluster, freshNamespace, uidsIn } from './elasticsearch.ts';
import { type Ended, ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const hostile = (name: string): string =>
  readFileSync(new URL(`../hostile/inputs/${name}`, import.meta.url), 'utf8');
const accountOf = (run: Ended): JsonObject => JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '');

describeWith(['ELASTICSEARCH_URL'], 'one uid for two detections', () => {
  const url = need('ELASTICSEARCH_URL');
  const es = cluster(url);
  const used: string[] = [];

  beforeAll(async () => {
    const options = elasticsearchSchema.parse({ urls: [url] });
    for await (const _ of setUp(options, new AbortController().signal, false));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(used.map((one) => es.call('DELETE', `/_data_stream/logs-stepsecurity.*-${one}`)));
  });

  const place = () => {
    const folder = mkdtempSync(join(tmpdir(), 'preempted-'));
    const namespace = freshNamespace('preempted');
    used.push(namespace);
    mkdirSync(join(folder, 'export'));
    const config = join(folder, 'config.yaml');
    writeFileSync(
      config,
      `source: { type: file, path: ${join(folder, 'export')} }
sink: { type: elasticsearch, urls: ['${url}'], namespace: ${namespace} }
state: { type: file, path: ${join(folder, 'state')} }
log: { level: error }
`,
    );
    const uids = join(folder, 'uids.csv');
    const range = ['--from', '2015-01-01', '--to', '2030-01-01', '--force', '--uids', uids];
    return {
      streams: `logs-stepsecurity.*-${namespace}`,
      put: (name: string, text: string) => writeFileSync(join(folder, 'export', name), text),
      run: () => runCli(['run', '--config', config]),
      verify: (...more: string[]) => runCli(['verify', '--config', config, ...range, ...more]),
      rows: () => readFileSync(uids, 'utf8').trimEnd().split('\n').slice(1),
    };
  };

  it('is not given to one event_id in two kinds or repositories, or to a placeholder', async () => {
    const { put, run, streams } = place();
    put('1.ndjson', hostile('preempt.ndjson'));
    expect(ledgerOf(await run())).toMatchObject({ read: 1, delivered: 1 });
    put('2.ndjson', hostile('victim.ndjson'));
    put('3.ndjson', hostile('eventid-unknown.ndjson'));
    expect(ledgerOf(await run())).toMatchObject({ read: 3, delivered: 3 });
    expect(await uidsIn(es, streams)).toHaveLength(4);
  }, 60_000);

  it('does not occur in what the vendor publishes, though two of its samples share an event_id', async () => {
    const { put, run, verify, streams } = place();
    const folder = new URL('../mapping/published/', import.meta.url);
    const names = readdirSync(folder);
    for (const name of names) put(name, readFileSync(new URL(name, folder), 'utf8'));
    const ledger = ledgerOf(await run());
    expect(ledger).toMatchObject({ read: names.length, delivered: names.length });
    expect(new Set(await uidsIn(es, streams)).size).toBe(names.length);
    const checked = await verify();
    expect(checked.code).toBe(0);
    expect(accountOf(checked)).toMatchObject({ stored: names.length, differs: 0 });
    expect((accountOf(checked).counters as JsonObject).not_compared).toBeUndefined();
  }, 60_000);

  it('is found by verify when somebody who knows everything about a detection wrote it first', async () => {
    const { put, run, verify, rows, streams } = place();
    const victim = { ...(JSON.parse(hostile('victim.ndjson')) as JsonObject), event_id: 'evt-to-come' };
    put('1.json', JSON.stringify({ ...victim, timestamp: '1753204000', detection: 'nothing to see' }));
    expect(ledgerOf(await run())).toMatchObject({ delivered: 1 });
    put('2.json', JSON.stringify(victim));
    expect(ledgerOf(await run())).toMatchObject({ duplicate: 1 });

    const checked = await verify('--repair');
    expect(checked.code).toBe(3);
    expect(accountOf(checked)).toMatchObject({
      exported: 2,
      stored: 1,
      differs: 1,
      missing: 0,
      exit_code: 3,
    });
    expect(checked.stderr).toContain('stores something else');
    const row = rows().find((one) => one.split(',')[3] === 'differs') ?? '';
    expect(row).toContain(`${uidOfPayload(victim)},Reverse-Shell,2025-07-22,differs,`);
    expect(row).toMatch(/\/export\/2\.json$/);
    expect(await uidsIn(es, streams)).toHaveLength(1);
  }, 60_000);

  it('is found when it is the same detection, marked suppressed; a later copy marked so does not count', async () => {
    const { put, run, verify } = place();
    const victim = { ...(JSON.parse(hostile('victim.ndjson')) as JsonObject), event_id: 'evt-to-come' };
    const other = { ...victim, event_id: 'evt-seen-to' };
    put('1.ndjson', `${JSON.stringify({ ...victim, is_suppressed: true })}\n${JSON.stringify(other)}\n`);
    expect(ledgerOf(await run())).toMatchObject({ delivered: 2 });
    put('2.ndjson', `${JSON.stringify(victim)}\n${JSON.stringify({ ...other, is_suppressed: true })}\n`);
    expect(ledgerOf(await run())).toMatchObject({ duplicate: 2 });
    const checked = await verify();
    expect(checked.code).toBe(3);
    expect(accountOf(checked)).toMatchObject({ exported: 4, stored: 2, duplicate: 1, differs: 1 });
  }, 60_000);

  it('is compared in older backing indices too, and counted when it cannot be compared', async () => {
    const { put, run, verify, streams } = place();
    const one = { ...(JSON.parse(hostile('victim.ndjson')) as JsonObject), event_id: 'evt-old' };
    put('1.json', JSON.stringify({ ...one, run_id: '1' }));
    await run();
    const stream = streams.replace('*', 'detection');
    for (let at = 0; at < 3; at += 1) await es.call('POST', `/${stream}/_rollover`);
    put('1.json', JSON.stringify(one));
    expect(accountOf(await verify())).toMatchObject({ exported: 1, differs: 1 });

    const unmarked = { ...one, event_id: 'evt-unmarked' };
    const uid = uidOfPayload(unmarked);
    const body = { '@timestamp': '2025-07-22T17:06:45Z', event: { id: uid } };
    expect((await es.call('POST', `/${stream}/_create/${uid}`, body)).status).toBe(201);
    put('1.json', JSON.stringify(unmarked));
    const checked = accountOf(await verify());
    expect(checked).toMatchObject({ exported: 1, stored: 1, counters: { not_compared: 1 } });
  }, 60_000);
});
