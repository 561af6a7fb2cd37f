import { expect, it } from '@jest/globals';
import { heartbeatOf } from '../../src/account/heartbeat.ts';
import { closeLedger } from '../../src/account/ledger.ts';
import { addFate, createTally } from '../../src/account/tally.ts';

const sender = { id: 'w-1', configuration: 'c', version: '1', host: 'h', passes: 2 };

it('names at most fifty kinds and loses no counts', () => {
  const tally = createTally();
  for (let kind = 0; kind < 70; kind += 1) {
    tally.read += kind + 1;
    addFate(tally, `Kind-${kind}`, kind % 2 === 0 ? 'delivered' : 'duplicate', kind + 1);
  }
  const ledger = closeLedger({
    command: 'run',
    started: 0,
    exitCode: 0,
    complete: true,
    source: 's',
    sink: 'd',
    tally,
    abandoned: 0,
    counters: new Map([
      ['s3_list', 3],
      ['doubled', 2],
    ]),
  });
  const { lists, counts } = heartbeatOf(ledger, sender);
  expect(lists.kinds).toHaveLength(51);
  expect(lists.kinds?.[0]).toEqual({ name: 'Kind-69', count: 70 });
  expect(lists.kinds?.at(-1)?.name).toBe('other');
  expect(lists.kinds?.reduce((sum, { count }) => sum + count, 0)).toBe(tally.read);
  expect(lists.counters).toEqual([{ name: 's3_list', count: 3 }]);
  expect(counts).toMatchObject({ read: tally.read, doubled: 2, abandoned_batches: 0 });
});
