import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { commandLine } from '../command-line.ts';
import { sized } from '../full.ts';
import { ledgerOf } from '../spawn-cli.ts';
import { uidOfPayload } from '../uid.ts';
import { freePort, killable, sendAll } from './senders.ts';

// What is proved with a real destination, and with two receivers, is in test/services/crash-receive.test.ts.
it('a receiver killed at random moments has stored what it answered, each once and whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  const secret = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'secret'), secret);
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `source: { type: file, path: spool }
sink: { type: ndjson, path: out }
state: { type: file, path: state }
receive: { secret_files: [secret], status_listen: '127.0.0.1:0' }
`,
  );
  const [requests, kills] = [sized(5_000, 300), sized(20, 1)];
  const port = await freePort();
  const receiver = killable(['-c', config, '--set', `receive.listen=127.0.0.1:${port}`], () => undefined);
  receiver.start();
  const bodies = Array.from({ length: requests }, (_, n) =>
    JSON.stringify(
      { id: 'Domain-Blocked', event_id: `e${n}`, owner: 'acme', repo: `r${n}` },
      undefined,
      n % 3,
    ),
  );
  let killed = 0;
  let killing: Promise<void> | undefined;
  const restart = async (): Promise<void> => {
    await receiver.kill();
    receiver.start();
    killing = undefined;
  };
  const accepted = await sendAll({
    ports: [port],
    secret,
    bodies,
    senders: 8,
    accepted(count) {
      if (killing !== undefined || killed === kills || count < ((killed + Math.random()) * requests) / kills)
        return;
      killed += 1;
      killing = restart();
    },
  });
  await killing;
  expect(await receiver.stop()).toBe(0);
  expect(accepted.size).toBeGreaterThan(requests / 2);

  const end = await commandLine(['run', '-c', config]);
  expect(ledgerOf(end)).toMatchObject({ dead_lettered: 0 });
  const found = readFileSync(join(folder, 'out'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: { id: string } }).event.id);
  const there = new Set(found);
  const uids = bodies.map((body) => uidOfPayload(JSON.parse(body) as object));
  expect(uids.filter((uid, at) => accepted.has(at) && !there.has(uid))).toEqual([]);
  expect(there.size).toBe(found.length);
  rmSync(folder, { recursive: true });
}, 300_000);
