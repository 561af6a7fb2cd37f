import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { payloadOf } from '../detections/harness.ts';
import { FULL, itInFull, rows, sized } from '../full.ts';
import { cli, ledgerOf } from '../spawn-cli.ts';
import { input } from './places.ts';

/** The program with only hostile objects to read: it yields to other work, and stops when it is told to. */

const GRACE_MS = 2_000;
/** Enough of each to keep it busy when it is told to stop. */
const COPIES = 150;
/** The most that one turn may cost, in starts of the program on the same machine. */
const MOST_STARTS = 4;
const INPUTS = readdirSync(new URL('inputs', import.meta.url)).sort();
const HOOK = new URL('watch-turns.js', import.meta.url).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stopping-'));
  await mkdir(join(folder, 'in'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, bytes: Buffer | string): Promise<void> {
  await writeFile(join(folder, 'in', name), bytes);
}

/** CPU seconds. */
interface Turns {
  readonly total: number;
  readonly longest: number;
  /** From the signal to the end, if a signal was sent. */
  readonly after?: number;
}

/** Runs over the folder; if `stopped`, sends the signal as soon as something was delivered. */
async function run(place: string, stopped: boolean) {
  const out = join(folder, `out-${place}`);
  const turnsFile = join(folder, `turns-${place}`);
  const places = [
    '--file',
    join(folder, place),
    '--ndjson',
    `${out}/`,
    '--state',
    join(folder, `state-${place}`),
  ];
  const settings = ['--set', `pipeline.grace=${GRACE_MS}ms`, '--set', 'log.level=warn'];
  const finished = await cli(['run', ...places, ...settings], {
    // Its cost is measured, so it runs as it ships.
    flags: [],
    env: { NODE_OPTIONS: `--import=${HOOK}`, TURNS_FILE: turnsFile, ...(stopped && { STOP_WHEN: out }) },
  });
  expect(finished.err).not.toMatch(/^\s+at /m);
  const { exit_code: code } = ledgerOf(finished);
  expect([0, 3, 4]).toContain(code);
  // The signal may come after the ledger was printed, when it is no longer handled and kills the process.
  expect([code, null]).toContain(finished.code);
  // If there is no file, that signal killed the process.
  return existsSync(turnsFile) ? (JSON.parse(await readFile(turnsFile, 'utf8')) as Turns) : undefined;
}

const good = (id: string): string =>
  `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: id, run_id: id }))}\n`;

let start: Promise<number> | undefined;

/** The CPU cost of starting the program on this machine, measured with one good detection. */
async function startSeconds(): Promise<number> {
  await mkdir(join(folder, 'good'));
  await writeFile(join(folder, 'good', 'a.ndjson'), good('1'));
  return (await run('good', false))?.total ?? Number.NaN;
}

async function expectInTime(stopped: boolean): Promise<void> {
  start ??= startSeconds();
  const most = MOST_STARTS * (await start);
  const { longest = 0, after = 0 } = (await run('in', stopped)) ?? {};
  expect(longest).toBeLessThan(most);
  // Batches in flight may finish within the grace period.
  expect(after).toBeLessThan(most + GRACE_MS / 1_000);
}

itInFull('no input holds up the loop', async () => {
  await put('a-good.ndjson', good('1'));
  for (const name of INPUTS) {
    const bytes = await input(name);
    for (let i = 0; i < 3; i += 1) await put(`m-${i}-${name}`, bytes);
  }
  await expectInTime(false);
});

if (FULL) {
  describe('SIGTERM among copies of', () => {
    it.each(INPUTS)('%s', async (name) => {
      const bytes = await input(name);
      await put('a-good.ndjson', good('1'));
      for (let i = 0; i < COPIES; i += 1) await put(`m-${String(i).padStart(3, '0')}-${name}`, bytes);
      await expectInTime(true);
    });
  });
}

describe('SIGTERM in the middle of', () => {
  const scalars = (count: number): string =>
    JSON.stringify({ id: 'Reverse-Shell', data: Array.from({ length: count }, () => 1) });
  const amplified = (parent: number, members: number): string =>
    JSON.stringify({
      id: 'Threat-Intelligence',
      detection: 'x'.repeat(parent),
      data: Array.from({ length: members }, (_, i) => ({ i })),
    });
  const copies = sized(3, 1);
  const cases: readonly [string, () => string][] = [
    ['a group of 500,000 members with a parent of 3 kB', () => amplified(3_000, 500_000)],
    ['deep nesting', () => '['.repeat(9_000_000)],
    ['a group of a million scalars', () => scalars(1_000_000)],
    ['members with a parent of 1 MB', () => amplified(1_000_000, 20_000)],
    ['one line of spaces', () => ' '.repeat(200_000_000)],
  ];
  it.each(rows(2, cases))('%s', async (_, make) => {
    await put('a-good.ndjson', good('1'));
    for (let i = 0; i < copies; i += 1) await put(`m-${i}.json`, make());
    await expectInTime(true);
  });
});
