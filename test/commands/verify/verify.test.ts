import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  VERDICTS,
  type Verification,
  verificationSchema,
} from '../../../src/commands/verify/verification.ts';
import { verify } from '../../../src/commands/verify/verify.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { routeOf } from '../../../src/config/route.ts';
import { createFileStore } from '../../../src/state/file.ts';
import { acquireLease } from '../../../src/state/lease.ts';
import { detection, ndjson } from '../../bench/generate.ts';
import { itInFull } from '../../full.ts';
import { ledgerOf, runCli } from '../../services/process.ts';
import { silent, testContext } from '../../state/context.ts';
import { uidOfPayload } from '../../uid.ts';

/** The generator's detections are 0.864 s apart; the first is at the start of 2026-01-01. */
const RANGE = { from: Date.parse('2026-01-01'), to: Date.parse('2026-01-03') };

let folder: string;
let overrides: { path: string[]; value: unknown }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  mkdirSync(join(folder, 'export'));
  overrides = [
    { path: ['source'], value: { type: 'file', path: join(folder, 'export') } },
    { path: ['sink'], value: { type: 'ndjson', path: join(folder, 'out.ndjson') } },
    { path: ['state'], value: { type: 'file', path: join(folder, 'state') } },
    { path: ['log', 'level'], value: 'silent' },
  ];
});

const put = (name: string, text: string): void => writeFileSync(join(folder, 'export', name), text);
const linesOut = (): string[] =>
  readFileSync(join(folder, 'out.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const deliver = () =>
  runCli([
    'run',
    ...['source', 'sink', 'state'].flatMap((key) => {
      const override = overrides.find(({ path }) => path[0] === key);
      return ['--set', `${key}=${JSON.stringify(override?.value)}`];
    }),
  ]);

async function check(
  options: { repair?: boolean; force?: boolean; uids?: string; range?: typeof RANGE } = {},
) {
  const accounts: Verification[] = [];
  const code = await verify({
    route: routeOf(loadConfig(undefined, overrides, {})),
    range: options.range ?? RANGE,
    repair: options.repair ?? false,
    force: options.force ?? false,
    ...(options.uids === undefined ? {} : { uids: options.uids }),
    report: (account) => accounts.push(account),
  });
  const account = verificationSchema.parse(accounts.at(-1));
  expect(account.exit_code).toBe(code);
  expect(VERDICTS.reduce((sum, verdict) => sum + account[verdict], 0)).toBe(account.exported);
  return { code, account };
}

describe('verify', () => {
  it('refuses an invalid range', async () => {
    const { code, account } = await check({ range: { from: RANGE.to, to: RANGE.from } });
    expect(code).toBe(2);
    expect(account.error).toContain('--to must be later than --from');
  });

  it('refuses a sink that cannot be queried', async () => {
    put('a.ndjson', ndjson(1, 0, 5));
    overrides.push({ path: ['sink'], value: { type: 'ndjson', path: '-' } });
    const { code, account } = await check();
    expect(code).toBe(2);
    expect(account.error).toContain('keeps nothing to compare with');
  });

  itInFull('compares detections without a readable time, whatever the range', async () => {
    put(
      'a.ndjson',
      readFileSync(new URL('../../hostile/inputs/no-timestamp.ndjson', import.meta.url), 'utf8'),
    );
    const { code, account } = await check();
    expect({ code, missing: account.missing, filters: account.filters }).toEqual({
      code: 3,
      missing: 2,
      filters: { outside_range: 1 },
    });
    expect((await check({ repair: true })).account.repaired).toBe(2);
    expect((await check()).account.stored).toBe(2);
  });

  it('leaves Splunk to a person: prints the search and the uids, and repairs nothing', async () => {
    put('a.ndjson', ndjson(1, 0, 5));
    const sink = { type: 'splunk_hec', url: 'http://127.0.0.1:1', token: 't', index: 'security' };
    overrides.push({ path: ['sink'], value: sink });
    const uids = join(folder, 'uids.csv');
    const { code, account } = await check({ uids });
    expect(code).toBe(0);
    expect(account).toMatchObject({ exported: 5, unknown: 5, missing: 0 });
    expect(account.search).toContain('index=security sourcetype="stepsecurity:harden_runner:detection"');
    expect(account.search).toContain('earliest=1767225600.000 latest=1767398400.000');
    expect(account.search).toContain('| stats count dc(fingerprint) AS fingerprints by uid');
    const rows = readFileSync(uids, 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(6);
    expect(rows[1]).toContain(`${uidOfPayload(detection(1, 0))},${detection(1, 0).id},2026-01-01,unknown`);

    const repair = await check({ repair: true });
    expect(repair.code).toBe(2);
    expect(repair.account.error).toContain('cannot be asked what it has');
  });

  it('says when the source cannot be read, and what it saw until then', async () => {
    overrides.push({ path: ['source'], value: { type: 'file', path: join(folder, 'nowhere') } });
    const { code, account } = await check();
    expect(code).toBe(2);
    expect(account).toMatchObject({ exported: 0 });
  });

  itInFull('does not repair during a run', async () => {
    put('a.ndjson', ndjson(1, 0, 5));
    const store = await createFileStore({ type: 'file', path: join(folder, 'state') }, testContext());
    const options = { ttlMs: 60_000, renewMs: 20_000, log: silent };
    const lease = await acquireLease(store, 'run', options, () => undefined);
    expect((await check({ repair: true })).code).toBe(5);
    expect((await check()).code).toBe(3);
    await lease.release();
    expect((await check({ repair: true })).code).toBe(0);
  });

  it('finds what is missing by kind and day, sends exactly that, and then finds nothing missing', async () => {
    put('a.ndjson', ndjson(1, 0, 300));
    put('b.ndjson', ndjson(1, 99_900, 100_200));
    put('late.ndjson', ndjson(1, 300_000, 300_004));
    put('twice.ndjson', ndjson(1, 10, 15));
    expect(ledgerOf(await deliver())).toMatchObject({ read: 609, delivered: 609 });
    const kept = linesOut();
    const lost = kept.filter((line) =>
      [3, 7, 100_001].some((at) => line.includes(detection(1, at).event_id)),
    );
    expect(lost).toHaveLength(3);
    writeFileSync(join(folder, 'out.ndjson'), `${kept.filter((line) => !lost.includes(line)).join('\n')}\n`);

    const uids = join(folder, 'uids.csv');
    const { code, account } = await check({ uids });
    expect(code).toBe(3);
    expect(account).toMatchObject({ exported: 605, stored: 597, duplicate: 5, missing: 3, filtered: 4 });
    expect(account.filters).toEqual({ outside_range: 4 });
    expect(account.kinds[detection(1, 100_001).id]?.['2026-01-02']?.missing).toBe(1);
    const missing = readFileSync(uids, 'utf8')
      .split('\n')
      .filter((row) => row.split(',')[3] === 'missing');
    expect(missing.map((row) => row.split(',')[0] ?? '').toSorted()).toEqual(
      [3, 7, 100_001].map((at) => uidOfPayload(detection(1, at))).sort(),
    );

    const repaired = await check({ repair: true });
    expect(repaired.code).toBe(0);
    expect(repaired.account).toMatchObject({ stored: 597, repaired: 3, missing: 0 });
    expect(linesOut()).toHaveLength(609);
    expect((await check()).account).toMatchObject({ stored: 600, missing: 0, exit_code: 0 });
  });

  it('sends what the source holds twice only once', async () => {
    put('a.ndjson', ndjson(1, 0, 3) + ndjson(1, 0, 3));
    expect((await check({ repair: true })).account).toMatchObject({ repaired: 3, duplicate: 3 });
    expect(linesOut()).toHaveLength(3);
  });

  itInFull('counts what is in the dead letters, and writes the ones that are missing', async () => {
    put('a.ndjson', `${ndjson(1, 0, 3)}{"id": broken}\n`);
    expect((await deliver()).code).toBe(3);
    const before = await check();
    expect(before.code).toBe(0);
    expect(before.account).toMatchObject({ exported: 4, stored: 3, dead_lettered: 1 });

    appendFileSync(join(folder, 'export', 'b.ndjson'), 'nor this\n');
    expect((await check()).account).toMatchObject({
      exported: 5,
      dead_lettered: 1,
      missing: 1,
      exit_code: 3,
    });
    const repaired = await check({ repair: true });
    expect(repaired.account).toMatchObject({ dead_lettered: 2, missing: 0, exit_code: 0 });
    expect((await check()).account).toMatchObject({ dead_lettered: 2, missing: 0 });
  });

  it('leaves out what filters exclude', async () => {
    put('a.ndjson', ndjson(1, 0, 50));
    const kinds = [detection(1, 0).id];
    overrides.push({ path: ['filters'], value: [{ name: 'noise', exclude: { kinds } }] });
    const { account } = await check();
    expect(account.filters['noise']).toBeGreaterThan(0);
    expect(account.exported + account.filtered).toBe(50);
    expect(Object.keys(account.kinds)).not.toContain(kinds[0]);
  });
});
