import { sourceContract } from '../../contract/source.ts';
import { row, startBench } from './harness.ts';

sourceContract('api', async () => {
  const bench = await startBench();
  const rows = Array.from({ length: 9 }, (_, n) => row(n));
  // The list can contain an entry that is not a detection, which passes on to the dead letters as a record of its own.
  const strange = JSON.stringify({ data: { detections: ['no object'], has_more: false } });
  for (const each of rows) bench.api.put(each);
  bench.api.onRequest = ({ query }) =>
    query.status === 'resolved' ? { status: 200, body: strange } : undefined;
  return {
    texts: [...rows.map((each) => JSON.stringify(each)), '{"id":"Domain-Blocked","value":"no object"}'],
    open(parts) {
      bench.parts.clear();
      for (const [name, bytes] of parts) bench.parts.set(name, bytes);
      return bench.source({ page_rows: 4 }, { batch: { maxBytes: 9_999_999, maxRecords: 2 } });
    },
    close: () => bench.close(),
  };
});
