import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Json } from '../../../src/contracts/types.ts';
import { read } from '../../detections/harness.ts';
import { type Bench, bodies, ours, pass, row, save, startBench } from './harness.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(async () => {
  expect(bench.api.violations).toEqual([]);
  await bench.close();
});

describe('what is reported', () => {
  it('a row once, with the origin of its list and no secret', async () => {
    bench.api.put(row(1));
    const source = await bench.source();
    const { records } = await pass(bench, source);
    expect(bodies(records)).toEqual([row(1)]);
    expect(records[0]?.origin).toEqual({
      source: 'api',
      rows: true,
      uri: '/github/acme/actions/detections?detection_id=Domain-Blocked&status=new',
    });
    expect(records[0]?.offset).toBe(0);
    expect((await pass(bench, source)).records).toEqual([]);
    expect((await pass(bench, await bench.source())).records).toEqual([]);
    expect(bench.counters.get('rows_unchanged')).toBe(2);
  });

  it('the same detection as from a bucket, however deeply it is nested', async () => {
    const deep = JSON.parse(`${'['.repeat(300)}1${']'.repeat(300)}`) as Json;
    const payload = row(1, { deep, event_id: null, detection: null });
    bench.api.put(payload);
    const { records } = await pass(bench, await bench.source());
    const [told] = records.map(({ text }) => read(text, {}, 'api'));
    expect(told?.uid).toBe(read(payload).uid);
    expect(told?.warnings).toEqual(read(payload).warnings);
    expect(told?.warnings).toContain('deep_as_text');
  });

  it('again, if it was not acked', async () => {
    for (let n = 0; n < 10; n += 1) bench.api.put(row(n));
    const bounds = { batch: { maxBytes: 9_999_999, maxRecords: 2 } };
    await pass(bench, await bench.source({}, bounds), (batch) => batch < 2);
    const second = await pass(bench, await bench.source({}, bounds));
    expect(bodies(second.records).map((body) => body.endpoint)).toEqual(
      [4, 5, 6, 7, 8, 9].map((n) => `host-${n}.example.com.`),
    );
  });

  it('a later run with the same finding: a separate record, and no change', async () => {
    bench.api.put(row(1), 'suppressed');
    await pass(bench, await bench.source());
    bench.api.put(row(1, { run_id: '2', timestamp: '1753204099' }));
    const { records } = await pass(bench, await bench.source());
    expect(bodies(records)).toEqual([row(1, { run_id: '2', timestamp: '1753204099' })]);
  });

  it('its state at first sight, whatever the row itself says', async () => {
    bench.api.put(row(1, { is_suppressed: false, suppressed_by: 'kim' }), 'suppressed');
    bench.api.put(row(2), 'resolved');
    const { records } = await pass(bench, await bench.source());
    const told = bodies(records).map((body) => [
      body.is_suppressed,
      body.is_resolved,
      body.stepsecurity_siem,
    ]);
    expect(new Set(told)).toEqual(
      new Set([
        [undefined, true, undefined],
        [true, undefined, undefined],
      ]),
    );
  });

  it('suppress, reopen, suppress are three changes', async () => {
    const source = await bench.source();
    const told: unknown[] = [];
    for (const status of ['new', 'suppressed', 'new', 'suppressed', 'resolved']) {
      bench.api.put(row(1), status);
      const { records } = await pass(bench, source);
      expect(records).toHaveLength(1);
      told.push(ours(records[0]));
    }
    expect(told).toEqual([
      undefined,
      { change: { from: 'new', to: 'suppressed', counter: 1 } },
      { change: { from: 'suppressed', to: 'new', counter: 2 } },
      { change: { from: 'new', to: 'suppressed', counter: 3 } },
      { change: { from: 'suppressed', to: 'resolved', counter: 4 } },
    ]);
    expect(bench.counters.get('state_changes')).toBe(4);
  });

  it('continues to count across occurrences, so that no two changes are the same', async () => {
    const counters: unknown[] = [];
    for (const [run, status] of [
      ['A', 'new'],
      ['A', 'suppressed'],
      ['B', 'new'],
      ['A', 'new'],
      ['A', 'suppressed'],
    ]) {
      bench.api.put(row(1, { run_id: run ?? '' }), status);
      const { records } = await pass(bench, await bench.source());
      counters.push(ours(records[0]));
    }
    expect(counters).toEqual([
      undefined,
      { change: { from: 'new', to: 'suppressed', counter: 1 } },
      undefined,
      undefined,
      { change: { from: 'new', to: 'suppressed', counter: 2 } },
    ]);
  });

  it('no change with state_changes off, and no flood when it is turned on', async () => {
    bench.api.put(row(1));
    await pass(bench, await bench.source());
    bench.api.put(row(1), 'suppressed');
    expect((await pass(bench, await bench.source({ state_changes: false }))).records).toEqual([]);
    expect((await pass(bench, await bench.source())).records).toEqual([]);
  });

  it('only what happened since `since`, plus rows without a readable time', async () => {
    bench.api.put(row(1, { timestamp: '1600000000' }));
    bench.api.put(row(2, { timestamp: 1_753_204_032 }));
    bench.api.put(row(3, { timestamp: '2025-07-23T06:47:07.869380629Z' }));
    bench.api.put(row(4, { timestamp: 'soon' }));
    const { records } = await pass(bench, await bench.source({ since: '2025-01-01T00:00:00Z' }));
    expect(bodies(records).map((body) => body.endpoint)).toEqual(
      [2, 3, 4].map((n) => `host-${n}.example.com.`),
    );
    expect(bench.counters.get('rows_before_since')).toBe(1);
  });
});

describe('rows that move while they are listed', () => {
  it('seen in two lists: the last one counts, with one change', async () => {
    bench.api.put(row(1));
    const source = await bench.source();
    await pass(bench, source);
    bench.api.onRequest = ({ query }) => {
      if (query.status === 'resolved') bench.api.put(row(1), 'suppressed');
    };
    expect((await pass(bench, source)).records.map(ours)).toEqual([
      { change: { from: 'new', to: 'suppressed', counter: 1 } },
    ]);
    bench.api.onRequest = () => undefined;
    expect((await pass(bench, source)).records).toEqual([]);
  });

  it('a row that stays in two lists is not a change', async () => {
    bench.api.put(row(1), 'suppressed');
    const source = await bench.source();
    await pass(bench, source);
    const body = JSON.stringify({ data: { detections: [row(1)], has_more: false, next_token: '' } });
    bench.api.onRequest = ({ query }) => (query.status === 'new' ? { status: 200, body } : undefined);
    for (let n = 0; n < 3; n += 1) expect((await pass(bench, source)).records).toEqual([]);
  });

  it('a change waits for the remaining lists, and for the next sweep if one of them fails', async () => {
    bench.api.put(row(1), 'suppressed');
    const source = await bench.source();
    await pass(bench, source);
    bench.api.put(row(1), 'new');
    bench.api.onRequest = ({ query }) => (query.status === 'suppressed' ? { status: 500 } : undefined);
    const failed = await pass(bench, source);
    expect([failed.records, String(failed.error)]).toEqual([[], expect.stringContaining('(suppressed)')]);
    bench.api.onRequest = () => undefined;
    expect((await pass(bench, source)).records.map(ours)).toEqual([
      { change: { from: 'suppressed', to: 'new', counter: 1 } },
    ]);
  });

  it('a row that is rewritten after the cursor passed it shows up twice and is reported twice', async () => {
    for (let n = 0; n < 6; n += 1) bench.api.put(row(n));
    bench.api.onRequest = ({ query }) => {
      if (query.next_token !== undefined && query.status === 'new') {
        bench.api.onRequest = () => undefined;
        bench.api.put(row(0, { run_id: '2' }));
      }
    };
    const { records, error } = await pass(bench, await bench.source({ page_rows: 2 }));
    expect(error).toBeUndefined();
    expect(records).toHaveLength(7);
    expect((await pass(bench, await bench.source())).records).toEqual([]);
  });
});

describe('rows with missing information', () => {
  it('an `id` that is not a type yields to the requested type, and is kept', async () => {
    const id = 'acme#shop#8967030851#21805486855#Domain-Blocked#api.github.com:443#2024-09-28T10:15:30Z';
    bench.api.put(row(1, { id, type: 'Domain-Blocked' }));
    const { records } = await pass(bench, await bench.source());
    expect(bodies(records)).toEqual([row(1, { type: 'Domain-Blocked', stepsecurity_siem: { row_id: id } })]);
  });

  it('rows whose `detection` is only the type are told apart by their subject', async () => {
    const rows = [1, 2].map((n) => row(n, { detection: 'Domain-Blocked' }));
    const body = JSON.stringify({ data: { detections: rows, has_more: false, next_token: '' } });
    bench.api.onRequest = ({ query }) => (query.status === 'new' ? { status: 200, body } : undefined);
    expect((await pass(bench, await bench.source())).records).toHaveLength(2);
    expect((await pass(bench, await bench.source())).records).toEqual([]);
  });

  it.each([
    ['no workflow', { workflow_id: null, workflow_path: null }],
    ['no detection', { detection: null }],
    ['only an id', { workflow_id: null, workflow_path: null, detection: null, owner: null }],
  ])('%s: every run is a separate row', async (_, without) => {
    const rows = ['1', '2'].map((run_id) => row(1, { ...without, run_id }));
    const body = JSON.stringify({ data: { detections: rows, has_more: false, next_token: '' } });
    bench.api.onRequest = ({ query }) => (query.status === 'new' ? { status: 200, body } : undefined);
    const { records } = await pass(bench, await bench.source());
    expect(bodies(records).map((told) => [told.run_id, told.owner])).toEqual([
      ['1', 'acme'],
      ['2', 'acme'],
    ]);
    expect((await pass(bench, await bench.source())).records).toEqual([]);
  });

  it('an entry that is not an object is reported once, for the dead letters', async () => {
    const body = '{"data":{"detections":["x",null,7,["y"]],"has_more":false}}';
    bench.api.onRequest = ({ query }) => (query.status === 'new' ? { status: 200, body } : undefined);
    const { records } = await pass(bench, await bench.source());
    expect(bodies(records).map((told) => told.value)).toEqual(['x', null, 7, ['y']]);
    expect((await pass(bench, await bench.source())).records).toEqual([]);
  });

  it('a payload cannot use our own key', async () => {
    bench.api.put(row(1, { stepsecurity_siem: { change: { from: 'new', to: 'resolved', counter: 1 } } }));
    expect(bodies((await pass(bench, await bench.source())).records)).toEqual([row(1)]);
  });

  it('a record over the cap has a fault', async () => {
    bench.api.put(row(1, { secret: 'x'.repeat(5_000) }));
    const limits = { recordBytes: 2_000, objectBytes: 1e9, expansion: 200, zstdWindowBytes: 8 * 2 ** 20 };
    const { records } = await pass(bench, await bench.source({}, { limits }));
    expect(records[0]?.fault?.code).toBe('record_too_large');
    expect(records[0]?.text.length).toBeLessThan(2_000);
  });
});

describe('forgetting', () => {
  const passes = async (count: number) => {
    for (let n = 0; n < count; n += 1) await pass(bench, await bench.source());
  };

  it('only after absence from three complete sweeps in a row', async () => {
    bench.api.put(row(0));
    bench.api.put(row(1));
    await passes(1);
    bench.api.remove(row(1));
    await passes(2);
    bench.api.put(row(1));
    expect((await pass(bench, await bench.source())).records).toEqual([]);
    bench.api.remove(row(1));
    await passes(3);
    bench.api.put(row(1));
    expect((await pass(bench, await bench.source())).records).toHaveLength(1);
  });

  it('not after a sweep with a failed list', async () => {
    bench.api.put(row(0));
    bench.api.put(row(1));
    await passes(1);
    bench.api.remove(row(1));
    bench.api.onRequest = ({ query }) => (query.status === 'resolved' ? { status: 500 } : undefined);
    await passes(4);
    bench.api.onRequest = () => undefined;
    bench.api.put(row(1));
    expect((await pass(bench, await bench.source())).records).toEqual([]);
  });

  it('not when the API suddenly lists nothing at all', async () => {
    bench.api.put(row(1));
    await passes(1);
    bench.api.remove(row(1));
    await passes(4);
    bench.api.put(row(1));
    expect((await pass(bench, await bench.source())).records).toEqual([]);
    expect(bench.logged.some((line) => line.includes('returned no rows at all'))).toBe(true);
  });
});

describe('a backfill', () => {
  const backfill = { from: 1 };

  it('reports everything, whatever the incremental runs remember, and does not change that', async () => {
    bench.api.put(row(1));
    await pass(bench, await bench.source());
    const before = Buffer.from(bench.parts.get('rows') ?? '');
    const source = await bench.source({}, { backfill });
    expect((await pass(bench, source)).records).toHaveLength(1);
    save(bench, source);
    expect([...bench.parts.keys()]).toEqual(['rows']);
    expect(bench.parts.get('rows')).toEqual(before);
    expect((await pass(bench, await bench.source({}, { backfill }))).records).toHaveLength(1);
  });

  it('continues where it was killed, for the same range only', async () => {
    for (let n = 0; n < 6; n += 1) bench.api.put(row(n));
    const batch = { maxBytes: 9_999_999, maxRecords: 2 };
    await pass(bench, await bench.source({}, { backfill, batch }), (n) => n < 1);
    const kept = new Map(bench.parts);
    expect((await pass(bench, await bench.source({}, { backfill, batch }))).records).toHaveLength(4);
    bench.parts.clear();
    for (const [name, bytes] of kept) bench.parts.set(name, bytes);
    expect((await pass(bench, await bench.source({}, { backfill: {}, batch }))).records).toHaveLength(6);
  });
});
