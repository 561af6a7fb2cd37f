import type { Client } from '@elastic/elasticsearch';
import { RetryableError, UnavailableError } from '../../contracts/errors.ts';
import type { Document, Meter } from '../../contracts/types.ts';
import { timed } from '../../io/timed.ts';
import { bodyBytes, bulkBody, gzipBody } from './body.ts';
import type { Cluster } from './cluster.ts';
import { translate } from './failures.ts';
import { ITEM_PATHS, type Item } from './items.ts';
import { BlockedError, BulkRefusedError, NotUnderstoodError, TooLargeError } from './statuses.ts';

type BulkParams = NonNullable<Parameters<Client['bulk']>[0]>;

export interface BulkOptions {
  readonly stream: string;
  readonly gzip: boolean;
  /**
   * Maximum bytes of the uncompressed body. If several documents exceed it, a `TooLargeError` is thrown before anything
   * is sent.
   */
  readonly limit: number;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

interface Knock extends Pick<BulkOptions, 'meter' | 'signal'> {
  readonly cluster: Cluster;
  readonly stream: { readonly name: string };
}

/** Servers before 8.13 do not know `require_data_stream`; for each of them it is omitted from then on. */
const withoutRequire = new WeakSet<Client>();

/**
 * One bulk request of `create`s. Returns the items of its reply, one per document, in order. Throws as `translate`
 * does, plus `TooLargeError` for a 413, `BulkRefusedError` for what `translate` calls blocked or not understood, and
 * `RetryableError` for a reply that cannot be paired.
 */
export async function bulk(
  cluster: Cluster,
  entries: readonly { readonly document: Document }[],
  options: BulkOptions,
): Promise<readonly Item[]> {
  const { stream, gzip, limit, meter, signal } = options;
  const plainBytes = bodyBytes(entries);
  if (plainBytes > limit && entries.length > 1) throw new TooLargeError(`${plainBytes} bytes`, false);
  const body = gzip ? await gzipBody(entries) : bulkBody(entries);
  signal.throwIfAborted();
  meter.add('bytes_sent', body.length);
  meter.add('bytes_sent_raw', plainBytes);
  const params = {
    index: stream,
    // A Buffer is sent as is; the client's types only allow what it would serialize.
    operations: body as unknown as NonNullable<BulkParams['operations']>,
    filter_path: ITEM_PATHS,
    ...(!withoutRequire.has(cluster.client) && { require_data_stream: true }),
    ...(cluster.hidesSource && { include_source_on_error: false }),
  };
  const headers = { 'content-type': cluster.ndjson, ...(gzip && { 'content-encoding': 'gzip' }) };
  try {
    const reply = await timed(meter, 'bulk_requests', () => cluster.client.bulk(params, { signal, headers }));
    const items = pairs(reply.items, entries.length);
    if (
      withoutRequire.has(cluster.client) &&
      items.some(({ status, _index }) => status === 201 && _index === stream)
    ) {
      throw new UnavailableError(`${stream} is a plain index, not a data stream: see \`setup\``);
    }
    return items;
  } catch (error) {
    const meaning = translate(error, `bulk request to ${stream}`, signal);
    if (meaning instanceof NotUnderstoodError && meaning.message.includes('require_data_stream')) {
      withoutRequire.add(cluster.client);
      return bulk(cluster, entries, options);
    }
    const isRefused = meaning instanceof BlockedError || meaning instanceof NotUnderstoodError;
    throw isRefused ? new BulkRefusedError(meaning) : meaning;
  }
}

/**
 * A bulk request without documents, to see whether requests get through: Elasticsearch refuses it in its own words.
 * Throws as `translate` does if it did not get that far.
 */
export async function knock({ cluster, stream, meter, signal }: Knock): Promise<void> {
  const headers = { 'content-type': cluster.ndjson };
  const operations = Buffer.from('\n') as unknown as NonNullable<BulkParams['operations']>;
  try {
    await timed(meter, 'bulk_requests', () =>
      cluster.client.bulk({ index: stream.name, operations }, { signal, headers }),
    );
  } catch (error) {
    const meaning = translate(error, `bulk request to ${stream.name}`, signal);
    if (!(meaning instanceof NotUnderstoodError)) throw meaning;
  }
}

function pairs(items: unknown, wanted: number): readonly Item[] {
  const list: readonly unknown[] = Array.isArray(items) ? items : [];
  const paired = list.map((item) => (item as { readonly create?: Item } | null)?.create);
  if (paired.length !== wanted || paired.some((item) => typeof item?.status !== 'number')) {
    throw new RetryableError(
      `the reply has ${paired.length} items for ${wanted} documents, or not the fields that items have`,
    );
  }
  return paired as readonly Item[];
}
