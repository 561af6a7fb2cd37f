import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { SourceRecord } from '../../src/contracts/types.ts';
import { decodeRecords, decodeText, payloadOf, read } from './harness.ts';

const origin = { source: 'file', uri: '/in/many.ndjson' };
const fault = { code: 'truncated', reason: 'it broke off' };

/** Of three records one is a detection, one is not JSON and one has a fault. */
function recordAt(at: number): SourceRecord {
  if (at % 3 === 1) return { text: '{', origin, offset: at };
  const text = JSON.stringify(payloadOf('Reverse-Shell', { event_id: `e${at}` }));
  return { text, origin, offset: at, ...(at % 3 === 2 && { fault }) };
}

it('returns many records in order, each with its entries', () => {
  const records = Array.from({ length: 1_000 }, (_, at) => recordAt(at));
  const decoded = [...decodeRecords(records)];
  expect(decoded.map(({ record }) => record)).toEqual(records);
  const told = decoded.map(({ entries: [entry] }) => {
    if (entry === undefined || 'filtered' in entry) return undefined;
    return 'fault' in entry ? entry.fault.code : entry.detection.event_id;
  });
  expect(told).toEqual(records.map((_, at) => [`e${at}`, 'invalid_json', 'truncated'][at % 3]));
});

it('treats a known kind without members as a detection itself', () => {
  const line = readFileSync(new URL('../hostile/inputs/known-kind-with-data.json', import.meta.url), 'utf8');
  const detection = read(line.trim());
  expect(detection.profile.kind).toBe('Reverse-Shell');
  expect(detection.process?.args).toEqual(['nc', '203.0.113.9', '4444']);
  expect(decodeText('{"id":"Nobody-Has-Seen","data":[]}')).toEqual([{ filtered: 'empty_group' }]);
  const found = decodeText('{"id":"Nobody-Has-Seen","process_events":[{"exe":"/bin/nc"}],"data":[]}');
  expect(found).toEqual([
    expect.objectContaining({ detection: expect.objectContaining({ id: 'Nobody-Has-Seen' }) }),
  ]);
});
