import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sized } from '../full.ts';
import { freePort, type Killable, killable, sendAll } from '../receive/senders.ts';
import { uidOfPayload } from '../uid.ts';
import { cluster, freshNamespace, uidsIn } from './elasticsearch.ts';
import { freshBucket, s3At } from './export.ts';
import { ledgerOf, runCli } from './process.ts';
import { describeWith, need } from './require.ts';

/** Every second body is printed over several lines, as the vendor prints some. */
function payloadOf(n: number): { readonly payload: object; readonly body: string } {
  const event_id = `received-${n}`;
  const payload = { id: 'Domain-Blocked', event_id, owner: 'acme', repo: `shop-${n % 7}`, run_id: String(n) };
  return { payload, body: JSON.stringify(payload, undefined, n % 2 === 0 ? 2 : 0) };
}

interface Killing {
  readonly source: string;
  readonly replicas: number;
  readonly requests: number;
  readonly kills: number;
}

/** Senders that never try again, receivers that deliver beside it and are killed: what got a 2xx is there once. */
async function provedBy({ source, replicas, requests, kills }: Killing): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crash-receive-'));
  const secret = randomBytes(16).toString('hex');
  await writeFile(join(folder, 'secret'), secret);
  const namespace = freshNamespace('received');
  const config = join(folder, 'config.yaml');
  await writeFile(
    config,
    `source: ${source.replace('FOLDER', folder)}
sink: { type: elasticsearch, urls: ['${need('ELASTICSEARCH_URL')}'], namespace: ${namespace} }
state: { type: file, path: state }
receive: { secret_files: [secret], status_listen: '127.0.0.1:0' }
pipeline: { poll_interval: 500ms, save_interval: 500ms }
log: { level: error }
`,
  );
  expect((await runCli(['setup', '--config', config])).code).toBe(0);
  let log = '';
  const ports = await Promise.all(Array.from({ length: replicas }, freePort));
  const receivers: Killable[] = ports.map((port) =>
    killable(['--deliver', '--config', config, '--set', `receive.listen=127.0.0.1:${port}`], (text) => {
      log += text;
    }),
  );
  for (const receiver of receivers) receiver.start();

  const sent = Array.from({ length: requests }, (_, n) => payloadOf(n));
  // By requests and not by the clock: a slow machine is not killed before it has done anything.
  const moments = Array.from({ length: kills }, (_, n) =>
    Math.ceil(((n + Math.random()) * requests) / (kills + 1)),
  );
  let killed = 0;
  let killing = Promise.resolve();
  const again = async (receiver: Killable | undefined, before: Promise<void>): Promise<void> => {
    await before;
    await receiver?.kill();
    receiver?.start();
  };
  const accepted = await sendAll({
    ports,
    secret,
    bodies: sent.map(({ body }) => body),
    senders: 8,
    accepted(count) {
      if (count < (moments[killed] ?? Number.POSITIVE_INFINITY)) return;
      killing = again(receivers[killed % replicas], killing);
      killed += 1;
    },
  });
  await killing;
  expect(await Promise.all(receivers.map((receiver) => receiver.stop()))).toEqual(ports.map(() => 0));
  const end = await runCli(['run', '--config', config]);
  expect({ code: end.code, log: end.stderr }).toEqual({ code: 0, log: '' });

  expect(killed).toBe(kills);
  // Else the kills hit nothing.
  expect(accepted.size).toBeGreaterThan(requests / 2);
  const found = await uidsIn(cluster(need('ELASTICSEARCH_URL')), `logs-stepsecurity.detection-${namespace}`);
  const there = new Set(found);
  const uids = sent.map(({ payload }) => uidOfPayload(payload));
  expect(uids.filter((uid, at) => accepted.has(at) && !there.has(uid))).toEqual([]);
  expect(there.size).toBe(found.length);
  // What was under way when it was killed may be there without an answer; half of it never is.
  const known = new Set(uids);
  expect(found.filter((uid) => !known.has(uid))).toEqual([]);
  expect(ledgerOf(end).checkpoint?.totals).toMatchObject({ dead_lettered: 0 });
  expect(log).not.toMatch(/could not be answered/);
}

describeWith(['ELASTICSEARCH_URL'], 'a receiver with a folder, killed at random moments', () => {
  test('has lost nothing that it answered, and doubled nothing', async () => {
    const source = '{ type: file, path: FOLDER/spool }';
    await provedBy({ source, replicas: 1, requests: sized(5_000, 400), kills: sized(20, 2) });
  }, 600_000);
});

describeWith(['ELASTICSEARCH_URL', 'S3_ENDPOINT'], 'two receivers with a bucket, killed in turn', () => {
  test('have lost nothing that they answered, and doubled nothing', async () => {
    const s3 = s3At(need('S3_ENDPOINT'));
    const bucket = await freshBucket(s3, 'received');
    s3.destroy();
    const source = `{ type: s3, bucket: ${bucket}, endpoint: '${need('S3_ENDPOINT')}', force_path_style: true, region: us-east-1, prefixes: ['webhook/{{.Year}}/{{.Month}}/{{.Day}}/'], start: beginning }`;
    await provedBy({ source, replicas: 2, requests: sized(2_000, 400), kills: sized(8, 2) });
  }, 600_000);
});
