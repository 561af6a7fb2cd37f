import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { defaultShaping } from '../../src/config/shaping.ts';
import { SCHEMAS } from '../../src/contracts/schema.ts';
import type { Outcome } from '../../src/contracts/types.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { createBugs } from '../../src/pipeline/bugs.ts';
import { sampleRecords } from '../../src/session/samples.ts';
import { transformOf } from '../../src/session/transform.ts';
import { poisoning } from '../contract/lent.ts';
import { batchOf, burialOf, DELIVERED, never, quiet } from './harness.ts';

const REJECTED: Outcome = { fate: 'rejected', reason: 'it is no good' };

/** Batches side by side, in slices, on pages that are overwritten once each slice is settled. */
it.each(SCHEMAS)('no batch still reads what another has freed (%s)', async (schema) => {
  const transform = transformOf(defaultShaping(), { schema });
  const records = sampleRecords();
  const expected = [...transform.decode(records, Date.now())].flatMap(({ entries }) =>
    [...entries].flatMap((entry) =>
      'detection' in entry ? transform.map(entry.detection).map(({ json }) => withoutNow(json)) : [],
    ),
  );
  const written: string[] = [];
  let calls = 0;
  const stages = {
    ...poisoning({ ...transform, bounds: { ...transform.bounds, bytes: 5_000 } }),
    sink: {
      async write(documents: readonly { json: Buffer }[]) {
        calls += 1;
        for (let turns = calls % 7; turns > 0; turns -= 1) await nextTurn();
        written.push(...documents.map(({ json }) => withoutNow(json)));
        return documents.map((_, at) => (at === 0 ? REJECTED : DELIVERED));
      },
    },
    bugs: createBugs(quiet),
    burial: burialOf(async () => nextTurn()),
  };
  const batches = [batchOf(records), batchOf(records), batchOf(records)];
  await Promise.all(batches.map((batch) => processBatch(batch, stages, never)));
  expect(calls).toBeGreaterThan(3 * batches.length);
  expect(written.sort()).toEqual([...expected, ...expected, ...expected].sort());
});

/** The time of receipt differs each time. */
function withoutNow(json: Buffer): string {
  return json.toString().replaceAll(/"(?:ingested|created|_?time|received_at)":"[^"]*"/g, '');
}
