import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ledger, ledgerSchema } from '../../../src/account/ledger.ts';
import { replay } from '../../../src/commands/dead-letters/replay/replay.ts';
import { routeOf } from '../../../src/config/route.ts';
import { type Config, configSchema } from '../../../src/config/schema.ts';
import { DEFAULT_LIMITS } from '../../../src/contracts/source.ts';
import type { JsonObject, SourceRecord } from '../../../src/contracts/types.ts';
import type { Decoded } from '../../../src/detections/decoded.ts';
import { createBurial } from '../../../src/letters/burial.ts';
import { type DeadLetters, openDeadLetters } from '../../../src/letters/dead-letters.ts';
import { type DeadLetter, toLetter, type Undelivered } from '../../../src/letters/letter.ts';
import { processBatch } from '../../../src/pipeline/batch.ts';
import { createBugs } from '../../../src/pipeline/bugs.ts';
import { transformOf } from '../../../src/session/transform.ts';
import { fileSource } from '../../../src/sources/file/index.ts';
import { createFileStore } from '../../../src/state/file.ts';
import { payloadOf, TOKENS } from '../../detections/harness.ts';
import { itInFull } from '../../full.ts';
import { testContext as sourceContext } from '../../objects/harness.ts';
import { DELIVERED, never, quiet, sinkOf } from '../../pipeline/harness.ts';
import { testContext } from '../../state/context.ts';

let folder: string;
let letters: DeadLetters;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
  letters = openDeadLetters(
    await createFileStore({ type: 'file', path: at('state/dead-letters') }, testContext()),
  );
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const configOf = (over: object = {}): Config =>
  configSchema.parse({
    source: { type: 'file', path: at('in.ndjson') },
    sink: { type: 'ndjson', path: at('out.ndjson') },
    state: { type: 'file', path: at('state') },
    log: { level: 'silent' },
    ...over,
  });

/** The records of a file with these texts, as the source reads them. */
async function recordsOf(...texts: readonly string[]): Promise<SourceRecord[]> {
  await writeFile(at('in.ndjson'), texts.map((text) => `${text}\n`).join(''));
  const source = await fileSource.create(
    { type: 'file', path: at('in.ndjson') },
    { ...sourceContext(), part: async () => undefined },
  );
  const records: SourceRecord[] = [];
  for await (const batch of source.read(never)) records.push(...batch.records);
  return records;
}

/** The letter for a detection that the destination refused. */
function refused(record: SourceRecord, index = 0, inGroup = false): DeadLetter {
  const [read] = transformOf(configOf(), { schema: 'ecs' }).decode([record], 0);
  const entry: Decoded | undefined = read?.entries.at(index);
  if (entry === undefined || !('detection' in entry)) throw new Error('no detection');
  const { uid, id, payload } = entry.detection;
  const failure: Undelivered = { record, uid, kind: id, stage: 'write', code: 'rejected', reason: 'old' };
  return toLetter({ ...failure, ...(inGroup && { index, text: JSON.stringify(payload) }) }, '2026-01-01');
}

async function run(over: object = {}): Promise<{ code: number; ledger: Ledger; out: JsonObject[] }> {
  const ledgers: Ledger[] = [];
  const code = await replay({
    route: routeOf(configOf(over)),
    report: (ledger) => ledgers.push(ledger),
  });
  const out = await readFile(at('out.ndjson'), 'utf8').catch(() => '');
  return {
    code,
    ledger: ledgerSchema.parse(ledgers.at(-1)),
    out: out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as JsonObject])),
  };
}

const left = async (): Promise<DeadLetter[]> => {
  const found: DeadLetter[] = [];
  for await (const file of letters.files()) found.push(...file.letters);
  return found;
};
const eventIdOf = (document: JsonObject) => (document.stepsecurity as JsonObject).event_id;
const uidOf = (document: JsonObject | undefined) => (document?.event as JsonObject | undefined)?.id;

describe('a letter that still fails', () => {
  it('stays, with the new reason', async () => {
    const [broken] = await recordsOf('{"id":7}');
    if (broken === undefined) throw new Error('no record');
    await letters.write([toLetter({ record: broken, stage: 'decode', code: 'old', reason: 'old' }, '2026')]);
    const { code, ledger, out } = await run();
    expect([code, ledger.dead_lettered, out]).toEqual([3, 1, []]);
    expect(await left()).toMatchObject([{ code: 'missing_id', stage: 'decode' }]);
    await rm(at('in.ndjson'));
    await writeFile(at('in.ndjson'), 'something else');
    expect((await run()).code).toBe(3);
    expect(await left()).toHaveLength(1);
  });

  it('stays unchanged when the destination is unavailable', async () => {
    const [one] = await recordsOf(JSON.stringify(payloadOf('Reverse-Shell')));
    if (one === undefined) throw new Error('no record');
    await letters.write([refused(one)]);
    const before = await left();
    await writeFile(at('blocked'), '');
    expect((await run({ sink: { type: 'ndjson', path: at('blocked/x') } })).code).toBe(2);
    expect(await left()).toEqual(before);
  });
});

itInFull('two replays at the same time send nothing twice, and one of them says so', async () => {
  const records = await recordsOf(
    ...Array.from({ length: 20 }, (_, n) =>
      JSON.stringify(payloadOf('Reverse-Shell', { event_id: `e${n}` })),
    ),
  );
  for (const one of records) await letters.write([refused(one)]);
  const both = await Promise.all([run(), run()]);
  expect(both.map(({ code }) => code).sort((a, b) => a - b)).toEqual([0, 5]);
  const sent = both.flatMap(({ ledger }) => ledger.delivered);
  expect(sent.sort((a, b) => a - b)).toEqual([0, 20]);
  expect(await left()).toEqual([]);
});

describe('when the origin still exists', () => {
  it('is read again, delivered and removed', async () => {
    const token = TOKENS.npm ?? '';
    const payload = payloadOf('Source-Code-Overwritten', { path: `/tmp/${token}` });
    const [one] = await recordsOf(JSON.stringify(payload));
    if (one === undefined) throw new Error('no record');
    const letter = refused(one);
    expect(letter.text).not.toContain(token);
    await letters.write([letter]);
    const { code, ledger, out } = await run();
    expect([code, ledger.command, ledger.read, ledger.delivered]).toEqual([0, 'replay', 1, 1]);
    expect(out.map(uidOf)).toEqual([letter.uid]);
    expect(out[0]?.stepsecurity).toHaveProperty('fingerprint');
    expect(await left()).toEqual([]);
    expect((await run()).ledger.read).toBe(0);
  });

  it('sends only the failed detection of a group', async () => {
    const group = { data: [payloadOf('Reverse-Shell'), payloadOf('Domain-Blocked'), payloadOf('New-Kind')] };
    const [one] = await recordsOf(JSON.stringify(group));
    if (one === undefined) throw new Error('no record');
    const letter = refused(one, 1, true);
    await letters.write([letter]);
    expect((await run()).out.map(uidOf)).toEqual([letter.uid]);
  });

  it('is not lost when the configuration would now give it another uid', async () => {
    const [one] = await recordsOf(JSON.stringify(payloadOf('Reverse-Shell', { event_id: 'evt_1' })));
    if (one === undefined) throw new Error('no record');
    const letter = refused(one);
    await letters.write([letter]);
    const { ledger, out } = await run({ identity: 'natural' });
    expect(ledger.read).toBe(1);
    expect(out.map(uidOf)).toEqual([letter.uid]);
  });
});

describe('when the origin is gone', () => {
  it.each<[string, JsonObject]>([
    ['by the natural key', payloadOf('Source-Code-Overwritten', { path: `/tmp/${TOKENS.npm ?? ''}` })],
    ['by event_id', payloadOf('Reverse-Shell', { event_id: 'evt_1' })],
    ['threat intelligence', { id: 'b3', type: 'Threat-Intelligence', event_id: 'evt_2', is_active: 'true' }],
  ])('the stored text is sent under the same uid: %s', async (_, payload) => {
    const [one] = await recordsOf(JSON.stringify(payload));
    if (one === undefined) throw new Error('no record');
    const letter = refused(one);
    await letters.write([letter]);
    await rm(at('in.ndjson'));
    await writeFile(at('in.ndjson'), '');
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out.map(uidOf)).toEqual([letter.uid]);
    // It would be a fingerprint of redacted values.
    expect(out[0]?.stepsecurity).not.toHaveProperty('fingerprint');
    expect(await left()).toEqual([]);
  });

  it('a member of a group is found by its place, alone or in the whole text', async () => {
    const group = { data: [payloadOf('Reverse-Shell'), payloadOf('Domain-Blocked')] };
    const [one] = await recordsOf(JSON.stringify(group));
    if (one === undefined) throw new Error('no record');
    const undecoded = toLetter({ record: one, index: 0, stage: 'decode', code: 'x', reason: 'x' }, '2026');
    const letter = refused(one, 1, true);
    await letters.write([undecoded, letter]);
    await writeFile(at('in.ndjson'), '');
    const { ledger, out } = await run();
    expect(ledger.read).toBe(2);
    expect(ledger.kinds).toEqual({ 'Reverse-Shell': { delivered: 1 }, 'Domain-Blocked': { delivered: 1 } });
    expect(uidOf(out[1])).toBe(letter.uid);
  });
});

it('applies filters, and says so', async () => {
  const [one] = await recordsOf(JSON.stringify(payloadOf('Reverse-Shell')));
  if (one === undefined) throw new Error('no record');
  await letters.write([refused(one)]);
  const { ledger } = await run({ filters: [{ name: 'mine', exclude: { kinds: ['Reverse-Shell'] } }] });
  expect([ledger.filtered, ledger.filters]).toEqual([1, { mine: 1 }]);
  expect(await left()).toEqual([]);
});

describe('a letter that stands for many', () => {
  const MANY = 30;
  /** A file with good lines among 30 that are too long, and the letters that a run leaves for it. */
  async function capped(): Promise<void> {
    const lines: string[] = [];
    for (let n = 0; n < MANY; n += 1) {
      lines.push(
        JSON.stringify(payloadOf('Reverse-Shell', { event_id: `bad${n}`, note: 'x'.repeat(5_000) })),
      );
      if (n % 3 === 0) lines.push(JSON.stringify(payloadOf('Reverse-Shell', { event_id: `good${n}` })));
    }
    await writeFile(at('in.ndjson'), `${lines.join('\n')}\n`);
    const source = await fileSource.create(
      { type: 'file', path: at('in.ndjson') },
      { ...sourceContext(), limits: { ...DEFAULT_LIMITS, recordBytes: 4_000 }, part: async () => undefined },
    );
    const transform = transformOf(configOf(), { schema: 'ecs' });
    const sink = sinkOf(async (documents) => documents.map(() => DELIVERED));
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const burial = createBurial({ deadLetters: letters, log, maxPerRun: 1 });
    for await (const batch of source.read(never)) {
      await processBatch(batch, { ...transform, sink, burial, bugs: createBugs(quiet) }, never);
    }
  }

  itInFull('sends what can be decoded now, and none of the lines in between', async () => {
    await capped();
    expect((await left()).map(({ rest }) => rest?.count ?? 1)).toEqual(expect.arrayContaining([20]));
    const { code, ledger, out } = await run();
    expect([code, ledger.read, ledger.delivered]).toEqual([0, MANY, MANY]);
    expect(out.map((one) => (one.event as JsonObject).id)).toHaveLength(MANY);
    expect(new Set(out.map(uidOf)).size).toBe(MANY);
    expect(new Set(out.map(eventIdOf))).toEqual(new Set(Array.from({ length: MANY }, (_, n) => `bad${n}`)));
    expect(await left()).toEqual([]);
  });

  itInFull('stays with its count when nothing has changed', async () => {
    await capped();
    const over = { limits: { record_bytes: 4_000 } };
    const { code, ledger } = await run(over);
    expect([code, ledger.read, ledger.dead_lettered]).toEqual([3, MANY, MANY]);
    const stayed = await left();
    expect(stayed).toHaveLength(11);
    expect(stayed.find(({ rest }) => rest !== undefined)?.rest?.count).toBe(20);
  });

  it('stays unchanged when the content is gone', async () => {
    await capped();
    await writeFile(at('in.ndjson'), '');
    const { ledger } = await run();
    expect(ledger.dead_lettered).toBe(MANY);
    expect((await left()).find(({ rest }) => rest !== undefined)?.rest?.count).toBe(20);
  });

  it('for a truncated group continues where it was cut', async () => {
    const members = Array.from({ length: 50 }, (_, n) => payloadOf('Reverse-Shell', { event_id: `m${n}` }));
    const [one] = await recordsOf(JSON.stringify({ data: members }));
    if (one === undefined) throw new Error('no record');
    const cut: Undelivered = {
      record: one,
      index: 20,
      count: 30,
      stage: 'decode',
      code: 'expansion_too_large',
      reason: 'x',
    };
    await letters.write([toLetter(cut, '2026')]);
    const { ledger, out } = await run();
    expect([ledger.read, ledger.delivered]).toEqual([30, 30]);
    expect(out.map(eventIdOf)).toEqual(Array.from({ length: 30 }, (_, n) => `m${n + 20}`));
    expect(await left()).toEqual([]);
  });
});
