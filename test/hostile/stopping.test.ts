import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { payloadOf } from '../detections/harness.ts';
import { cli, ledgerOf } from '../spawn-cli.ts';
import { input } from './places.ts';

/** The program, told to stop while it has nothing but hostile objects to read. */

const GRACE_MS = 2_000;
const SLACK_MS = 3_000;
/** So many of each that it is busy with them when it is told to stop. */
const COPIES = 150;
const INPUTS = readdirSync(new URL('inputs', import.meta.url)).sort();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stopping-'));
  await mkdir(join(folder, 'in'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
jest.setTimeout(120_000);

async function put(name: string, bytes: Buffer | string): Promise<void> {
  await writeFile(join(folder, 'in', name), bytes);
}

/** Runs over the folder, with SIGTERM 300 ms after something of it was delivered. */
async function stopped() {
  const out = join(folder, 'out');
  let signalled: number | undefined;
  let watching: Promise<void> | undefined;
  const places = ['--file', join(folder, 'in'), '--ndjson', `${out}/`, '--state', join(folder, 'state')];
  const settings = ['--set', `pipeline.grace=${GRACE_MS}ms`, '--set', 'log.level=warn'];
  const finished = await cli(['run', ...places, ...settings], {
    started(child) {
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
      const watch = async (): Promise<void> => {
        while (!isOver() && !existsSync(out)) await sleep(10);
        await sleep(300);
        if (isOver()) return;
        signalled = Date.now();
        child.kill('SIGTERM');
      };
      watching = watch();
    },
  });
  const endedAfterMs = signalled === undefined ? undefined : Date.now() - signalled;
  await watching;
  return { finished, endedAfterMs };
}

async function expectInTime(): Promise<void> {
  const { finished, endedAfterMs } = await stopped();
  expect(finished.err).not.toMatch(/^\s+at /m);
  const { exit_code: code } = ledgerOf(finished);
  expect([0, 3, 4]).toContain(code);
  // The signal may come when all is done and the ledger is out: then it ends the process by itself.
  expect([code, null]).toContain(finished.code);
  if (endedAfterMs !== undefined) expect(endedAfterMs).toBeLessThan(GRACE_MS + SLACK_MS);
}

const good = (id: string): string =>
  `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: id, run_id: id }))}\n`;

describe('SIGTERM among copies of', () => {
  it.each(INPUTS)('%s', async (name) => {
    const bytes = await input(name);
    await put('a-good.ndjson', good('1'));
    for (let i = 0; i < COPIES; i += 1) await put(`m-${String(i).padStart(3, '0')}-${name}`, bytes);
    await expectInTime();
  });
});

describe('SIGTERM in the middle of', () => {
  const scalars = (count: number): string =>
    JSON.stringify({ id: 'Reverse-Shell', data: Array.from({ length: count }, () => 1) });
  const amplified = (parent: number, members: number): string =>
    JSON.stringify({
      id: 'Threat-Intelligence',
      detection: 'x'.repeat(parent),
      data: Array.from({ length: members }, (_, i) => ({ i })),
    });

  it.each([
    ['a group of a million scalars', () => scalars(1_000_000)],
    ['a group of 500,000 members with a parent of 3 kB', () => amplified(3_000, 500_000)],
    ['members with a parent of 1 MB', () => amplified(1_000_000, 20_000)],
    ['one line of nothing', () => ' '.repeat(200_000_000)],
    ['deep nesting', () => '['.repeat(9_000_000)],
  ])('%s', async (_, make) => {
    await put('a-good.ndjson', good('1'));
    for (let i = 0; i < 3; i += 1) await put(`m-${i}.json`, make());
    await expectInTime();
  });
});
