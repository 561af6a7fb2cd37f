import { expect, it } from '@jest/globals';
import { closeLedger } from '../../src/account/ledger.ts';
import { addFate, count, createTally } from '../../src/account/tally.ts';
import { createCensus } from '../../src/commands/verify/verification.ts';
import { shortName } from '../../src/text/short-name.ts';
import { payloadOf, read } from '../detections/harness.ts';

const LONG = 'x'.repeat(5_000_000);

it('keeps names apart, and short', () => {
  expect(shortName('Reverse-Shell')).toBe('Reverse-Shell');
  expect(shortName(`${LONG}1`)).not.toBe(shortName(`${LONG}2`));
  expect(shortName(`${'x'.repeat(99)}😀`)).toHaveLength(120);
});

it('keeps the ledger bounded, whatever the names', () => {
  const tally = createTally();
  for (let at = 0; at < 2_000; at += 1) {
    const name = `${LONG.slice(0, 5_000)}${at}`;
    tally.read += 1;
    addFate(tally, name, 'delivered');
    for (const map of [tally.filters, tally.unknownKinds, tally.unknownFields, tally.warnings])
      count(map, name);
  }
  const ledger = closeLedger({
    command: 'run',
    started: 0,
    exitCode: 4,
    complete: false,
    error: LONG,
    source: 's3',
    sink: 'elasticsearch',
    tally,
    abandoned: 0,
    counters: new Map(),
  });
  expect(JSON.stringify(ledger).length).toBeLessThan(500_000);
  expect(ledger.kinds['(other)']).toEqual({ delivered: 1_500 });
});

it('keeps the census bounded', () => {
  const census = createCensus();
  for (let at = 0; at < 2_000; at += 1) {
    census.add(`${LONG.slice(0, 5_000)}${at}`, '2026-01-01', 'stored');
    census.hold(`${LONG.slice(0, 5_000)}${at}`);
  }
  expect(JSON.stringify([census.rows(), [...census.filters]]).length).toBeLessThan(300_000);
  expect(census.total.exported).toBe(2_000);
});

it('writes a long id of an unknown kind complete once, and short as a name', () => {
  const id = 'x'.repeat(10_000);
  const detection = read(payloadOf(id));
  expect(detection.id).toBe(shortName(id));
  expect(detection.event.action).toBe(shortName(id));
  expect(detection.unmapped).toHaveProperty('id', id);
  expect(detection.uid).not.toBe(read(payloadOf(`${id}x`)).uid);
});
