import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isLastAttempt } from '../../../src/objects/identity.ts';
import type { ObjectRef } from '../../../src/objects/object.ts';
import { loadProgress } from '../../../src/sources/s3/load-progress.ts';
import { draws } from '../../full.ts';

const HOUR = 3_600_000;
const SETTLE = 48 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');

/** A change in the bucket, or a run. */
type Step =
  | { readonly do: 'put'; readonly key: number; readonly lateHours: number; readonly poison: boolean }
  | { readonly do: 'wait'; readonly hours: number }
  | { readonly do: 'run'; readonly dieAfter: number | undefined; readonly saveEvery: number };

const put = fc.record({
  do: fc.constant('put' as const),
  key: fc.nat(12),
  // Never later than the allowed lateness, since that is all it promises.
  lateHours: fc.nat(47),
  poison: fc.boolean(),
});
const wait = fc.record({
  do: fc.constant('wait' as const),
  hours: fc.oneof(fc.nat(5), fc.integer({ min: 49, max: 500 })),
});
const run = (dies: boolean) =>
  fc.record({
    do: fc.constant('run' as const),
    dieAfter: dies ? fc.option(fc.nat(12), { nil: undefined }) : fc.constant(undefined),
    saveEvery: dies ? fc.integer({ min: 1, max: 4 }) : fc.constant(1),
  });
const steps = (dies: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: put },
      { weight: 2, arbitrary: wait },
      { weight: 2, arbitrary: run(dies) },
    ),
    {
      maxLength: 60,
    },
  );

/**
 * Plays the steps, then runs cleanly until nothing is left. Returns how often each version that a run could see was
 * settled.
 */
async function play(story: readonly Step[], start: 'beginning' | 'now') {
  const bucket = new Map<string, ObjectRef & { readonly poison: boolean }>();
  const parts = new Map<string, Buffer>();
  const settled = new Map<string, number>();
  let now = START;
  let version = 0;
  const quiet = (): void => undefined;

  async function pass(dieAfter: number | undefined, saveEvery: number): Promise<void> {
    const progress = await loadProgress(
      { start, latenessMs: SETTLE, fullListEveryMs: 0 },
      {
        part: async (name) => parts.get(name),
        log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      },
    );
    const save = (): void => {
      for (const [name, bytes] of progress.changes()) {
        if (bytes === null) parts.delete(name);
        else parts.set(name, bytes);
      }
    };
    const current = progress.begin(now);
    const listing = [...bucket.values()].sort((a, b) =>
      Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
    );
    let count = 0;
    for (const ref of listing) {
      if (current.wants(ref) !== 'read') continue;
      if (count === dieAfter) return;
      count += 1;
      if (ref.poison && !isLastAttempt(progress.attempts, ref)) current.failed(ref, 'poison');
      else {
        settled.set(ref.version, (settled.get(ref.version) ?? 0) + 1);
        current.done(ref);
      }
      if (count % saveEvery === 0) save();
    }
    current.complete();
    save();
  }

  for (const step of story) {
    if (step.do === 'wait') now += step.hours * HOUR;
    else if (step.do === 'run') await pass(step.dieAfter, step.saveEvery);
    else {
      version += 1;
      const key = `k${step.key}`;
      // A version that was replaced before any run saw it is not expected.
      const replaced = bucket.get(key);
      if (replaced !== undefined && !settled.has(replaced.version)) continue;
      const modified = Math.max(START - 100 * HOUR, now - step.lateHours * HOUR);
      bucket.set(key, { uri: key, key, version: String(version), size: 1, modified, poison: step.poison });
    }
  }
  for (let i = 0; i < 4; i += 1) await pass(undefined, 1);
  const counts = [...bucket.values()].map(({ version: v }) => settled.get(v) ?? 0);
  await pass(undefined, 1);
  const after = [...bucket.values()].map(({ version: v }) => settled.get(v) ?? 0);
  return { counts, after, all: [...settled.values()], state: JSON.parse(String(parts.get('progress'))) };
}

test('whatever happens, everything is read at least once, and nothing again once all is done', async () => {
  await fc.assert(
    fc.asyncProperty(steps(true), async (story) => {
      const { counts, after } = await play(story, 'beginning');
      expect(counts.every((count) => count >= 1)).toBe(true);
      expect(after).toEqual(counts);
    }),
    { numRuns: draws(500) },
  );
});

test('without kills everything is read exactly once, and the watermark follows', async () => {
  await fc.assert(
    fc.asyncProperty(steps(false), async (story) => {
      const { counts, all, state } = await play(story, 'beginning');
      expect(counts.every((count) => count === 1)).toBe(true);
      expect(all.every((count) => count === 1)).toBe(true);
      expect(state.failing).toEqual([]);
      expect(state.settled_before).toBe(state.swept_before);
      expect(state.done_parts.length).toBeLessThanOrEqual(4);
    }),
    { numRuns: draws(500) },
  );
});
