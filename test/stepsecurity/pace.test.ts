import { expect, it } from '@jest/globals';
import { fakeClock } from '../fake-clock.ts';

const clock = fakeClock();
const { createPace } = await import('../../src/stepsecurity/pace.ts');

const live = new AbortController().signal;

/** The time of each of this many turns, in milliseconds. */
async function turns(pace: ReturnType<typeof createPace>, count: number): Promise<number[]> {
  const began = performance.now();
  const came: number[] = [];
  const all = Array.from({ length: count }, async () => {
    await pace.turn(live);
    came.push(performance.now() - began);
  });
  await clock.pass(10_000);
  await Promise.all(all);
  return came;
}

it('spaces requests evenly, whoever sends them', async () => {
  expect(await turns(createPace(40), 5)).toEqual([0, 25, 50, 75, 100]);
});

it('saves nothing up while idle', async () => {
  const pace = createPace(40);
  await clock.pass(60_000);
  expect(await turns(pace, 3)).toEqual([0, 25, 50]);
});

it('lets no request through before a pause is over', async () => {
  const pace = createPace(40);
  pace.pause(2_000);
  expect(await turns(pace, 2)).toEqual([2_000, 2_025]);
});

it('stops waiting immediately on abort', async () => {
  const pace = createPace(1);
  await pace.turn(live);
  const abort = new AbortController();
  const waiting = pace.turn(abort.signal);
  abort.abort();
  await expect(waiting).rejects.toThrow('aborted');
});
