import type { Json } from '../../contracts/types.ts';
import { object } from './assets.ts';
import { type Delivery } from './delivery.ts';
import { translate } from './failures.ts';
import type { ItemError } from './items.ts';

/**
 * Refused by every mapping of a data stream. A server that accepts it does not check mappings when it simulates (before
 * 8.15).
 */
const IMPOSSIBLE = '{"@timestamp":{"no":"time"}}';

/**
 * What the stream's pipeline and mapping would do with these documents: an error or nothing for each. Stores nothing,
 * and needs only the privilege `create_doc`. Throws as `translate` does; undefined if the server does not check the
 * mapping.
 */
export async function simulate(
  documents: readonly { readonly json: Buffer }[],
  { cluster, stream, signal }: Pick<Delivery, 'cluster' | 'stream' | 'signal'>,
): Promise<readonly (ItemError | undefined)[] | undefined> {
  const sources = [IMPOSSIBLE, ...documents.map(({ json }) => json.toString())];
  const index = JSON.stringify(stream.name);
  const docs = sources.map((source, at) => `{"_index":${index},"_id":"simulated-${at}","_source":${source}}`);
  // The client assumes that text is plain text.
  const type = cluster.ndjson.replace('x-ndjson', 'json');
  let reply: Json;
  try {
    reply = await cluster.client.transport.request<Json>(
      {
        method: 'POST',
        path: '/_ingest/_simulate',
        querystring: { filter_path: 'docs.doc._id,docs.doc.error' },
        // As text, to keep the documents' own digits, which a JavaScript number might not hold.
        body: `{"docs":[${docs.join(',')}]}`,
      },
      { signal, headers: { accept: type, 'content-type': type } },
    );
  } catch (error) {
    throw translate(error, `simulating documents for ${stream.name}`, signal);
  }
  const { docs: listed } = object(reply);
  const [impossible, ...errors] = (Array.isArray(listed) ? listed : []).map(
    (entry): ItemError | undefined => {
      const { error } = object(object(entry).doc);
      return error === undefined ? undefined : object(error);
    },
  );
  return impossible === undefined || errors.length !== documents.length ? undefined : errors;
}
