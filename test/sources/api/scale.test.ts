import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sized } from '../../full.ts';
import { listen } from '../../scripted/listen.ts';
import { type Bench, pass, row, startBench } from './harness.ts';

const ROWS = sized(100_000, 5_000);
const PAGE = 1_000;

describe(`${ROWS} rows`, () => {
  let bench: Bench;
  let url = '';
  let changed = -1;
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://api').searchParams;
    const from = query.get('status') === 'new' ? Number(query.get('next_token') ?? 0) : ROWS;
    const rows = Array.from({ length: Math.min(PAGE, ROWS - from) }, (_, n) =>
      row(from + n, from + n === changed ? { run_id: '2' } : {}),
    );
    const next = from + rows.length;
    const more = next < ROWS;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        data: { detections: rows, has_more: more, next_token: more ? String(next) : '' },
      }),
    );
  });

  beforeAll(async () => {
    bench = await startBench();
    const port = await listen(server);
    url = `http://127.0.0.1:${port}/v1`;
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await bench.close();
  });

  it('that did not change send nothing and take 17 bytes each', async () => {
    const options = { url: url, page_rows: PAGE };
    const source = await bench.source(options);
    let first = 0;
    for await (const batch of source.read(new AbortController().signal)) {
      first += batch.records.length;
      await batch.ack();
    }
    expect(first).toBe(ROWS);
    for (const [name, bytes] of source.progress()) if (bytes) bench.parts.set(name, bytes);
    expect(bench.parts.get('rows')?.length).toBe(4 + ROWS * 17);

    expect((await pass(bench, await bench.source(options))).records).toEqual([]);
    expect(bench.counters.get('rows_unchanged')).toBe(ROWS);
    changed = ROWS - 777;
    expect((await pass(bench, await bench.source(options))).records).toHaveLength(1);
  });
});
