import { expect, it } from '@jest/globals';
import { closeLedger } from '../../src/account/ledger.ts';
import { createMeter } from '../../src/account/meter.ts';
import { addFate, createTally, type Tally } from '../../src/account/tally.ts';
import { MOST_NAMES } from '../../src/observe/bounded-names.ts';
import { createReadings, type Sample } from '../../src/observe/readings.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function setUp() {
  const meter = createMeter();
  const readings = createReadings(meter.counts, '1.2.3');
  const value = (key: keyof ReturnType<typeof readings.samples>): number | undefined =>
    readings.samples(START + 10_000)[key]?.[0]?.value;
  const end = (tally: Tally, exitCode = 0, complete = true, now = START + 5_000): void =>
    readings.ended(
      closeLedger(
        {
          command: 'run',
          started: START,
          exitCode,
          complete,
          source: 's3://a',
          sink: 'elasticsearch',
          tally,
          abandoned: 2,
          counters: meter.counts,
        },
        now,
      ),
    );
  return { meter, readings, value, end };
}

const settle = (tally: Tally, kind: string, fate: 'delivered' | 'dead_lettered'): void => {
  tally.read += 1;
  addFate(tally, kind, fate);
};

it('shows a pass while it runs, and counts each pass once', () => {
  const { meter, readings, value, end } = setUp();
  const first = createTally();
  readings.begins(first);
  settle(first, 'Reverse-Shell', 'delivered');
  meter.add('retries', 3);
  expect(value('detections')).toBe(1);
  expect(value('retries')).toBe(3);
  end(first);
  expect(value('detections')).toBe(1);
  expect(value('retries')).toBe(3);
  meter.reset();
  const second = createTally();
  readings.begins(second);
  settle(second, 'Reverse-Shell', 'delivered');
  meter.add('retries');
  expect(value('detections')).toBe(2);
  expect(value('retries')).toBe(4);
  end(second);
  expect(value('retries')).toBe(4);
  expect(value('abandoned')).toBe(4);
});

it('includes what was counted before a run that never started a pass, once, however often its end is reported', () => {
  const { meter, value, end } = setUp();
  meter.add('retries', 2);
  end(createTally(), 4, false);
  end(createTally(), 4, false);
  expect(value('retries')).toBe(2);
});

it.each([
  [0, true, true],
  [3, true, true],
  [0, false, false],
  [2, false, false],
  [4, false, false],
])('exit code %s, complete %s: success is %s', (code, complete, isSuccess) => {
  const { value, end } = setUp();
  const tally = createTally();
  end(tally, code, complete);
  expect(value('lastSuccess')).toBe(isSuccess ? START / 1_000 + 5 : undefined);
  expect(value('lastRun')).toBe(START / 1_000 + 5);
  expect(value('lastRunExitCode')).toBe(code);
  expect(value('lastRunComplete')).toBe(complete ? 1 : 0);
});

it('includes every exit code from the start, so that the first failure is an increase', () => {
  const { readings, end } = setUp();
  const byCode = () => readings.samples().runs?.map(({ labels, value }) => [labels['exit_code'], value]);
  expect(byCode()).toEqual(['0', '1', '2', '3', '4', '5'].map((code) => [code, 0]));
  end(createTally(), 4, false);
  expect(byCode()).toContainEqual(['4', 1]);
});

it('includes every counter of the ledger, each in one place', () => {
  const { meter, readings } = setUp();
  for (const name of ['objects_read', 'bytes_sent', 's3_get', 'doubled', 'state_changes']) meter.add(name, 7);
  const samples = readings.samples();
  const sevens = Object.entries(samples).flatMap(([key, list]: [string, readonly Sample[]]) =>
    list.filter(({ value }) => value === 7).map(({ labels }) => [key, ...Object.values(labels)].join(' ')),
  );
  expect(sevens.sort()).toEqual([
    'bytesSent',
    'doubled',
    'events s3_get',
    'events state_changes',
    'objects read',
  ]);
});

it('includes at most 50 kinds, and the rest as other', () => {
  const { readings } = setUp();
  const tally = createTally();
  readings.begins(tally);
  for (let at = 0; at < 300; at += 1) settle(tally, `kind ${at}`, 'delivered');
  for (let at = 0; at < 300; at += 1) settle(tally, `kind ${at}`, 'dead_lettered');
  const samples = readings.samples().detections ?? [];
  expect(new Set(samples.map(({ labels }) => labels['kind'])).size).toBe(MOST_NAMES + 1);
  const other = samples.filter(({ labels }) => labels['kind'] === 'other');
  expect(other.map(({ labels, value }) => [labels['fate'], value])).toEqual([
    ['delivered', 250],
    ['dead_lettered', 250],
  ]);
  expect(readings.samples().deadLetters).toEqual([{ labels: {}, value: 300 }]);
});

it('includes the kinds of earlier processes among the 50', () => {
  const kinds = Array.from({ length: MOST_NAMES }, (_, at) => `kind ${at}`);
  const readings = createReadings(new Map(), '1', { kinds });
  const tally = createTally();
  settle(tally, 'a new one', 'delivered');
  settle(tally, 'kind 7', 'delivered');
  readings.begins(tally);
  const named = readings.samples().detections?.map(({ labels }) => labels['kind']);
  expect(named?.sort()).toEqual(['kind 7', 'other']);
});

it('gives the lag of the latest event, from an earlier process if this one saw none', () => {
  const { meter } = setUp();
  const readings = createReadings(meter.counts, '1', { kinds: [], latestEvent: 1_000 });
  expect(readings.samples(1_060_000).lag).toEqual([{ labels: {}, value: 60 }]);
  const tally = createTally();
  tally.latest = 1_050_000;
  readings.begins(tally);
  expect(readings.samples(1_060_000).lag).toEqual([{ labels: {}, value: 10 }]);
  expect(createReadings(meter.counts, '1').samples().lag).toBeUndefined();
});
