import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/contracts/types.ts';
import { parseTime } from '../../src/text/time.ts';
import { payloadOf, read } from '../detections/harness.ts';

const lines = readFileSync(new URL('../hostile/inputs/37-times.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');

const READ: readonly (string | undefined)[] = [
  '2025-07-31T07:00:00.000Z',
  '2025-07-31T09:00:00.123Z',
  '2025-07-31T09:00:00.000Z',
  '2025-07-31T09:00:00.000Z',
  '2025-07-31T09:00:00.123Z',
  '2025-07-31T09:00:00.000Z',
  '2025-07-31T09:00:00.123Z',
  '2025-07-31T09:00:00.500Z',
  '2025-07-31T09:00:00.000Z',
  '2025-08-01T00:00:00.000Z',
  '2025-07-31T09:01:00.000Z',
  '2025-07-31T14:30:00.000Z',
  '2025-07-31T09:00:00.000Z',
  '2025-07-31T09:00:00.000Z',
  // A year outside the accepted range, a week, and a number with a letter.
  undefined,
  undefined,
  '2025-07-31T09:00:00.000Z',
  '2025-07-31T09:00:00.000Z',
  undefined,
];

test.each(lines.map((line, at) => [(JSON.parse(line) as JsonObject).timestamp, READ[at], line] as const))(
  '%j is %s',
  (_, iso, line) => {
    const detection = read(line);
    expect(detection.time_is_receipt ? undefined : detection.time_iso).toBe(iso);
    expect(detection.warnings).toEqual(iso === undefined ? ['bad_timestamp'] : []);
  },
);

test.each([
  ['2025-07-31 09:00:00.5 +0200 CEST', '2025-07-31T07:00:00.500Z'],
  ['2025-07-31 09:00:00.5 +0000 UTC m=+0.012', '2025-07-31T09:00:00.500Z'],
  ['31 Jul 2025 09:00:00 +0200', '2025-07-31T07:00:00.000Z'],
  [1753952400123, '2025-07-31T09:00:00.123Z'],
  [1753952400123456, '2025-07-31T09:00:00.123Z'],
])('%j is %s', (value, iso) => {
  expect(new Date(parseTime(value) ?? 0).toISOString()).toBe(iso);
});

test.each([
  '2025-02-30T09:00:00',
  '2025-02-30 09:00',
  '31 Foo 2025 09:00:00 GMT',
  '07/08/2025',
  '17539524001',
  '22 July 2025',
  '9.9E9',
])('%s is not a time', (value) => expect(parseTime(value)).toBeUndefined());

test('the time of a process is written as RFC 3339', () => {
  const at = (timestamp: string) =>
    read(payloadOf('Reverse-Shell', { process_events: [{ pid: 1, timestamp }] })).process_events?.[0]
      ?.timestamp;
  expect(at('Thu, 31 Jul 2025 09:00:00 GMT')).toBe('2025-07-31T09:00:00.000Z');
  expect(at('2025-07-31T09:00:60Z')).toBe('2025-07-31T09:01:00.000Z');
  expect(at('2025-07-31T09:00:00.123456789Z')).toBe('2025-07-31T09:00:00.123456789Z');
});
