import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import type { Document, SourceRecord } from '../../src/contracts/types.ts';
import type { DecodedRecord } from '../../src/detections/decoded.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { processBatch } from '../../src/pipeline/batch.ts';
import { createBugs } from '../../src/pipeline/bugs.ts';
import { decodeRecords } from '../detections/harness.ts';
import { batchOf, burialOf, DELIVERED, never, quiet, record, sinkOf, stagesOf } from './harness.ts';

/** Stages that keep their letters, documents and error lines. */
function watched() {
  const letters: DeadLetter[] = [];
  const sent: Document[] = [];
  const logged: Record<string, unknown>[] = [];
  const bugs = createBugs({ ...quiet, error: (fields) => void logged.push(fields) });
  const burial = burialOf(async (some) => void letters.push(...some));
  const sink = sinkOf(async (documents) => {
    sent.push(...documents);
    return documents.map(() => DELIVERED);
  });
  return { letters, sent, logged, stages: { bugs, burial, sink } };
}

const overflow = (): never => {
  const deeper = (n: number): number => 1 + deeper(n + 1);
  throw new Error(`not reached: ${deeper(0)}`);
};

describe('a bug in one record', () => {
  const records = Array.from({ length: 600 }, () => record());
  const bad = records[300] as SourceRecord;

  it.each([
    ['a TypeError', () => (undefined as unknown as string[])[0]?.length, /TypeError: Cannot read/],
    ['a full stack', overflow, /RangeError: Maximum call stack/],
    ['a parser that quotes', () => JSON.parse('{"content": ghp'), /SyntaxError$/],
  ])(
    'in the decoder, by %s, is a dead letter, and all others are delivered in order',
    async (_, fail, reason) => {
      const { letters, sent, logged, stages } = watched();
      // Like the real decoder: some records take each step together.
      const decode = function* (some: readonly SourceRecord[]): Generator<DecodedRecord> {
        for (let from = 0; from < some.length; from += 256) {
          const group = some.slice(from, from + 256);
          if (group.includes(bad)) fail();
          yield* decodeRecords(group);
        }
      };
      const tally = await processBatch(batchOf(records), stagesOf({ ...stages, decode }), never);
      expect(tally).toMatchObject({ read: 600, delivered: 599, dead_lettered: 1 });
      const good = [...decodeRecords(records.filter((one) => one !== bad))];
      expect(sent.map(({ uid }) => uid)).toEqual(
        good.map(({ entries }) => {
          const entry = entries.at(0);
          return entry !== undefined && 'detection' in entry ? entry.detection.uid : '';
        }),
      );
      expect(letters).toMatchObject([
        { code: 'internal_error', stage: 'decode', origin: { offset: bad.offset } },
      ]);
      expect(letters[0]?.reason).toMatch(reason);
      expect(letters[0]?.reason).not.toContain('content');
      expect(logged).toHaveLength(1);
      expect(String(logged[0]?.stack)).toMatch(/^ {4}at /);
    },
  );

  it.each(['map', 'filter'] as const)('in the stage %s is one, too', async (stage) => {
    const { letters, sent, logged, stages } = watched();
    const whole = stagesOf(stages);
    let calls = 0;
    const failing = {
      ...whole,
      [stage]: (detection: never) => {
        calls += 1;
        if (calls % 100 === 0) throw new RangeError('Invalid array length');
        return whole[stage](detection);
      },
    };
    const tally = await processBatch(batchOf(records), failing, never);
    expect(tally).toMatchObject({ read: 600, delivered: 594, dead_lettered: 6 });
    expect(sent).toHaveLength(594);
    expect(letters.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 'internal_error'));
    // The same place in the code.
    expect(logged).toHaveLength(1);
  });
});

it('a bug in one member of a group names its place', async () => {
  const { letters, stages } = watched();
  const members = ['a', 'b', 'c'].map((event_id) => ({ id: 'Reverse-Shell', event_id }));
  const group = record({ text: JSON.stringify({ data: members }) });
  const [read] = decodeRecords([group]);
  if (read === undefined) throw new Error('one was given');
  const decode = (): DecodedRecord[] => [
    {
      ...read,
      entries: {
        length: read.entries.length,
        [Symbol.iterator]: () => read.entries[Symbol.iterator](),
        at(index) {
          if (index === 1) throw new TypeError('no');
          return read.entries.at(index);
        },
      },
    },
  ];
  const tally = await processBatch(batchOf([group]), stagesOf({ ...stages, decode }), never);
  expect(tally).toMatchObject({ read: 3, delivered: 2, dead_lettered: 1 });
  expect(letters).toMatchObject([{ code: 'internal_error', origin: { index: 1 } }]);
});

it('an error that is not a bug still stops the run', async () => {
  const { stages } = watched();
  const map = (): never => {
    throw new ConfigError('labels: wrong');
  };
  await expect(processBatch(batchOf([record()]), stagesOf({ ...stages, map }), never)).rejects.toThrow(
    'labels: wrong',
  );
});
