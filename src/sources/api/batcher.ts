import type { SourceContext } from '../../contracts/source.ts';
import type { Batch, Origin, SourceRecord } from '../../contracts/types.ts';
import type { Proposal, RowMemory } from './memory.ts';
import type { Notice } from './news.ts';
import { textOf } from './row.ts';

/** Fills batches up to their limits. Each batch remembers its rows when it is acked. */
export interface Batcher {
  /** Yields a batch whenever one is full. */
  add(notice: Notice): Iterable<Batch>;
  /** Yields what is left; never an empty batch. */
  flush(): Iterable<Batch>;
}

export function createBatcher(memory: RowMemory, { batch: bounds, limits }: SourceContext): Batcher {
  const origins = new Map<string, Origin>();
  let records: SourceRecord[] = [];
  let proposals: Proposal[] = [];
  let bytes = 0;

  const originOf = (uri: string): Origin => {
    const origin = origins.get(uri) ?? { source: 'api', uri, rows: true };
    origins.set(uri, origin);
    return origin;
  };

  const flush = function* (): Iterable<Batch> {
    if (records.length === 0) return;
    const settled = proposals;
    const batch = { records, bytes, ack: () => memory.remember(settled) };
    records = [];
    proposals = [];
    bytes = 0;
    yield batch;
  };

  return {
    flush,
    *add(notice) {
      const record = recordOf(notice, originOf(notice.uri), limits.recordBytes);
      const size = Buffer.byteLength(record.text);
      if (bytes + size > bounds.maxBytes) yield* flush();
      records.push(record);
      proposals.push(notice.proposal);
      bytes += size;
      if (records.length >= bounds.maxRecords) yield* flush();
    },
  };
}

function recordOf({ change, row }: Notice, origin: Origin, cap: number): SourceRecord {
  const text = textOf(row, { ...(change && { change: { ...change } }) });
  const size = Buffer.byteLength(text);
  if (size <= cap) return { text, origin, offset: 0 };
  const fault = {
    code: 'record_too_large',
    reason: `the record has ${size} bytes, over the limit of ${cap}`,
  };
  return { text: text.slice(0, 1_024), origin, offset: 0, fault };
}
