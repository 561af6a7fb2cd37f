import { describe, expect, it, test } from '@jest/globals';
import { balances } from '../../src/account/tally.ts';
import { UnavailableError } from '../../src/contracts/errors.ts';
import type { Outcome } from '../../src/contracts/types.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { payloadOf, TOKENS } from '../detections/harness.ts';
import { batchOf, burialOf, DELIVERED, documentOf, never, record, sinkOf, stagesOf } from './harness.ts';

const DUPLICATE: Outcome = { fate: 'duplicate' };
const DROPPED: Outcome = { fate: 'filtered', by: 'dropped_by_pipeline' };
const REJECTED: Outcome = { fate: 'rejected', reason: 'mapper_parsing_exception' };

/** Letters as they are written. */
function collector() {
  const letters: DeadLetter[] = [];
  return {
    letters,
    burial: (maxPerRun?: number) => burialOf(async (more) => void letters.push(...more), maxPerRun),
  };
}

describe('two documents of one detection: the worse fate counts', () => {
  test.each<[Outcome, Outcome, string]>([
    [DELIVERED, DELIVERED, 'delivered'],
    [DUPLICATE, DUPLICATE, 'duplicate'],
    [DUPLICATE, DELIVERED, 'delivered'],
    [DELIVERED, DROPPED, 'filtered'],
    [DROPPED, DUPLICATE, 'filtered'],
    [DROPPED, REJECTED, 'dead_lettered'],
    [REJECTED, DELIVERED, 'dead_lettered'],
    [DROPPED, DROPPED, 'filtered'],
    [REJECTED, REJECTED, 'dead_lettered'],
  ])('%j and %j: %s', async (one, two, fate) => {
    const { letters, burial } = collector();
    const tally = await processBatch(
      batchOf([record(), record()]),
      stagesOf({
        burial: burial(),
        map: ({ uid }) => [documentOf(uid), documentOf(uid)],
        sink: sinkOf(async () => [one, two, one, two]),
      }),
      never,
    );
    expect(tally).toMatchObject({ read: 2, [fate]: 2 });
    expect(balances(tally)).toBe(true);
    expect(tally.kinds.get('Reverse-Shell')).toMatchObject({ [fate]: 2 });
    expect(letters).toHaveLength(fate === 'dead_lettered' ? 2 : 0);
    expect([...tally.filters]).toEqual(fate === 'filtered' ? [['dropped_by_pipeline', 2]] : []);
  });
});

test.each([0, 1, 3])('a sink that returns %i outcomes for two documents is a bug', async (count) => {
  const sink = sinkOf(async () => Array.from({ length: count }, () => DELIVERED));
  await expect(processBatch(batchOf([record(), record()]), stagesOf({ sink }), never)).rejects.toThrow(
    `the sink returned ${count} outcomes for 2 documents`,
  );
});

test('without documents the sink is not called', async () => {
  const asked: number[] = [];
  const tally = await processBatch(
    batchOf([record()]),
    stagesOf({
      filter: () => 'mine',
      sink: sinkOf(async ({ length }) => {
        asked.push(length);
        return [];
      }),
    }),
    never,
  );
  expect([asked, tally.filtered, [...tally.filters]]).toEqual([[], 1, [['mine', 1]]]);
});

test('every record is accounted for: faults, groups, filtered, unknown, changed', async () => {
  const { letters, burial } = collector();
  const group = {
    owner: 'acme',
    data: [payloadOf('Reverse-Shell'), null, payloadOf('New-Kind', { novelty: 1 })],
  };
  const tally = await processBatch(
    batchOf([
      record({ text: 'no JSON' }),
      record({ text: '{"id":', fault: { code: 'truncated', reason: 'broken off' } }),
      record({ text: JSON.stringify(group) }),
      record({ text: '{"id":"x","jobs":[]}' }),
      record({ text: '{"data":[]}' }),
      record({ text: JSON.stringify(payloadOf('Domain-Blocked', { novelty: 1, timestamp: 'soon' })) }),
    ]),
    stagesOf({ burial: burial() }),
    never,
  );
  expect(tally).toMatchObject({ read: 8, delivered: 3, dead_lettered: 3, filtered: 2, duplicate: 0 });
  expect(balances(tally)).toBe(true);
  expect(letters.map(({ stage, code, origin }) => [stage, code, origin.index])).toEqual([
    ['decode', 'invalid_json', undefined],
    ['read', 'truncated', undefined],
    ['decode', 'not_an_object', 1],
  ]);
  expect(Object.fromEntries(tally.filters)).toEqual({ insights: 1, empty_group: 1 });
  expect(Object.fromEntries(tally.unknownKinds)).toEqual({ 'New-Kind': 1 });
  expect(Object.fromEntries(tally.unknownFields)).toEqual({
    'Domain-Blocked.novelty': 1,
    'Domain-Blocked.timestamp': 1,
  });
  expect(Object.fromEntries(tally.warnings)).toEqual({ bad_timestamp: 1, unknown_type: 1 });
  expect(tally.latest).toBe(1_753_203_994_000);
});

describe('dead letters', () => {
  const refusing = sinkOf(async (documents) => documents.map(() => REJECTED));

  it('are durable before the batch is: if the store fails, the batch fails', async () => {
    const burial = burialOf(() => Promise.reject(new UnavailableError('disk full')));
    const stages = stagesOf({ sink: refusing, burial });
    await expect(processBatch(batchOf([record()]), stages, never)).rejects.toThrow('disk full');
  });

  it('are written even when they are too many; then the run has to stop', async () => {
    const { letters, burial } = collector();
    const limited = burial(3);
    const stages = stagesOf({ sink: refusing, burial: limited });
    await processBatch(batchOf([record(), record(), record()]), stages, never);
    expect(() => limited.check()).not.toThrow();
    await processBatch(batchOf([record()]), stages, never);
    expect(() => limited.check()).toThrow('4 documents were rejected');
    expect(() => limited.check()).toThrow(UnavailableError);
    expect(letters).toHaveLength(4);
  });

  it('are counted as letters, not as documents', async () => {
    const { burial } = collector();
    const limited = burial(1);
    const map = ({ uid }: { uid: string }) => [documentOf(uid), documentOf(uid)];
    const stages = stagesOf({ sink: refusing, burial: limited, map });
    expect(await processBatch(batchOf([record()]), stages, never)).toMatchObject({ dead_lettered: 1 });
    expect(() => limited.check()).not.toThrow();
  });

  it('hold no token, and name the detection', async () => {
    const { letters, burial } = collector();
    const token = TOKENS.npm ?? '';
    const text = JSON.stringify(
      payloadOf('Reverse-Shell', { event_id: 'e', secret: '-a**b-', novelty: token }),
    );
    await processBatch(batchOf([record({ text })]), stagesOf({ sink: refusing, burial: burial() }), never);
    expect(JSON.stringify(letters)).not.toContain(token.slice(-14));
    expect(JSON.stringify(letters)).not.toContain('-a**b-');
    expect(letters[0]).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f]{64}$/),
      kind: 'Reverse-Shell',
      stage: 'write',
      code: 'rejected',
      reason: 'mapper_parsing_exception',
    });
  });
});
