import type { Origin, SourceRecord } from '../../../contracts/types.ts';
import type { DeadLetter } from '../../../letters/letter.ts';
import { type Bounds, DEFAULT_BOUNDS } from '../../../session/bounds.ts';

export function originOf({ origin: { source, uri, version, rows } }: DeadLetter): Origin {
  return { source, uri, ...(version === undefined ? {} : { version }), ...(rows && { rows }) };
}

/** A record with its own copy of the text: as read, it would keep the whole block of memory it arrived in. */
export function detached({ text, origin, offset, fault }: SourceRecord): SourceRecord {
  return { text, origin, offset, ...(fault !== undefined && { fault }) };
}

/** The needed parts of some records, in bounded batches. Faults of the whole object say nothing about a record. */
export async function* inBatches(
  records: AsyncIterable<SourceRecord> | Iterable<SourceRecord>,
  isWanted: (record: SourceRecord) => boolean,
  { bytes: maxBytes, records: maxRecords }: Bounds = DEFAULT_BOUNDS,
): AsyncGenerator<SourceRecord[], void, undefined> {
  let batch: SourceRecord[] = [];
  let bytes = 0;
  for await (const read of records) {
    if (read.fault?.whole === true || !isWanted(read)) continue;
    const record = detached(read);
    batch.push(record);
    bytes += record.text.length;
    if (bytes < maxBytes && batch.length < maxRecords) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
