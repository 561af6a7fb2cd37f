import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { balances } from '../../src/account/tally.ts';
import { defaultShaping } from '../../src/config/shaping.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { createBugs } from '../../src/pipeline/bugs.ts';
import { type Stages } from '../../src/pipeline/stages.ts';
import { transformOf } from '../../src/session/transform.ts';
import { isSteep } from '../cost.ts';
import { payloadOf } from '../detections/harness.ts';
import { sized } from '../full.ts';
import { batchOf, burialOf, DELIVERED, never, quiet, record, sinkOf } from './harness.ts';

const hostile = (name: string): string =>
  readFileSync(new URL(`../hostile/inputs/${name}`, import.meta.url), 'utf8');

const MIB = 2 ** 20;

const TRANSFORM = transformOf(defaultShaping(), { schema: 'ecs' });

/** What reaches the sink, write by write, and the letters. */
function observed(over: Partial<Stages> = {}, outcome: 'delivered' | 'rejected' = 'delivered') {
  const writes: { documents: number; bytes: number }[] = [];
  const letters: DeadLetter[] = [];
  const stages: Stages = {
    ...TRANSFORM,
    sink: sinkOf(async (documents) => {
      writes.push({
        documents: documents.length,
        bytes: documents.reduce((sum, { json }) => sum + json.length, 0),
      });
      return documents.map(() =>
        outcome === 'delivered' ? DELIVERED : { fate: 'rejected' as const, reason: 'no' },
      );
    }),
    burial: burialOf(async (more) => void letters.push(...more)),
    bugs: createBugs(quiet),
    ...over,
  };
  return { writes, letters, stages };
}

it.each(['group-scalars-2k.json', 'group-scalars-20k.json'])('%s is kept as ten letters', async (name) => {
  const { letters, stages } = observed();
  const tally = await processBatch(batchOf([record({ text: hostile(name) })]), stages, never);
  expect(tally.dead_lettered).toBe(name.includes('20k') ? 20_000 : 2_000);
  expect(balances(tally)).toBe(true);
  expect(letters.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => '1'));
});

it('the cost of a group of scalars is proportional to its length', async () => {
  const prepare = (count: number) => {
    const text = JSON.stringify({ id: 'Reverse-Shell', data: Array.from({ length: count }, () => 1) });
    const { stages } = observed();
    return () => processBatch(batchOf([record({ text })]), stages, never);
  };
  expect(await isSteep(prepare, sized(10_000, 3_000))).toBe(false);
});

it('members count toward the size of a write, together with the fields of their parent', async () => {
  const { writes, stages } = observed();
  const count = sized(4_000, 1_100);
  const members = Array.from({ length: count }, (_, n) => payloadOf('Reverse-Shell', { event_id: `e${n}` }));
  const group = JSON.stringify({ note: 'A'.repeat(3_000), data: members });
  const tally = await processBatch(batchOf([record({ text: group })]), stages, never);
  expect(tally.delivered).toBe(count);
  expect(Math.max(...writes.map(({ bytes }) => bytes))).toBeLessThan(1.1 * MIB);
  const few = observed({ bounds: { records: 1_000, bytes: 1_000 * MIB, expansion: 200 } });
  await processBatch(batchOf([record({ text: group })]), few.stages, never);
  expect(Math.max(...few.writes.map(({ documents }) => documents))).toBe(1_000);
});

it('short records that become long documents are written in parts, ordinary ones in one write', async () => {
  const { writes, stages } = observed();
  const count = sized(10_000, 4_000);
  const short = Array.from({ length: count }, () => record({ text: '{"id":"Reverse-Shell"}' }));
  const tally = await processBatch(batchOf(short), stages, never);
  expect(tally.delivered).toBe(count);
  expect(Math.max(...writes.map(({ bytes }) => bytes))).toBeLessThan(4.1 * MIB);
  const ordinary = observed();
  const long = Array.from({ length: 1_000 }, (_, n) =>
    record({ text: JSON.stringify(payloadOf('Reverse-Shell', { run_id: String(n), job: 'x'.repeat(600) })) }),
  );
  await processBatch(batchOf(long), ordinary.stages, never);
  expect(ordinary.writes.map(({ documents }) => documents)).toEqual([1_000]);
});

it('a group that becomes over 200 times its size is cut: one letter names the rest, and the tally adds up', async () => {
  const { writes, letters, stages } = observed();
  const count = 20_000;
  const members = Array.from({ length: count }, () => ({}));
  const text = JSON.stringify({ type: 'Threat-Intelligence', note: 'A'.repeat(3_000), data: members });
  const tally = await processBatch(batchOf([record({ text })]), stages, never);
  expect(tally.read).toBe(count);
  expect(balances(tally)).toBe(true);
  const produced = writes.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(produced).toBeGreaterThan(16 * MIB);
  expect(produced).toBeLessThan(Math.max(16 * MIB, 200 * text.length) + 2 * MIB);
  expect(letters).toMatchObject([
    {
      code: 'expansion_too_large',
      origin: { index: tally.delivered },
      rest: { count: count - tally.delivered },
    },
  ]);
});

it('group-amplify-100.json: all of it, in bounded writes', async () => {
  const { writes, stages } = observed();
  const text = hostile('group-amplify-100.json');
  expect(await processBatch(batchOf([record({ text })]), stages, never)).toMatchObject({ delivered: 100 });
  expect(Math.max(...writes.map(({ bytes }) => bytes))).toBeLessThan(1.1 * MIB);
});

it('each rejected member of a group is kept separately, in linear time', async () => {
  const rejected = (count: number) => {
    const { letters, stages } = observed({}, 'rejected');
    const members = Array.from({ length: count }, (_, n) =>
      payloadOf('Reverse-Shell', { event_id: `e${n}` }),
    );
    const text = JSON.stringify({ owner: 'of-the-group', data: members });
    return { letters, run: () => processBatch(batchOf([record({ text })]), stages, never) };
  };
  const most = sized(4_000, 400);
  const { letters, run } = rejected(most);
  const tally = await run();
  expect(tally.dead_lettered).toBe(most);
  expect(letters).toHaveLength(most);
  const last = letters.at(-1);
  expect(JSON.parse(last?.text ?? '')).toMatchObject({ event_id: `e${most - 1}` });
  expect(last?.text.length).toBeLessThan(5_000);
  expect(await isSteep((count) => rejected(count).run, sized(500, 80))).toBe(false);
});
