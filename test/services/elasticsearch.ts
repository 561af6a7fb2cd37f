/** A bare client for suites that inspect or break a real cluster. */
export interface Cluster {
  readonly url: string;
  readonly call: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Reply }>;
}

interface Reply {
  readonly [key: string]: unknown;
}

export function cluster(url: string): Cluster {
  return {
    url,
    call: async (method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
      const text = await response.text();
      return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Reply) : {} };
    },
  };
}

/**
 * Whether the server has a failure store (since 8.19 and 9.1). An older one reads `pattern*::failures` as a remote
 * cluster and matches everything, so this asks an endpoint that came with the store.
 */
export async function hasFailureStore(url: string): Promise<boolean> {
  if (url === '') return false;
  const { status } = await cluster(url).call('GET', '/_data_stream/no-such-stream-*/_options');
  return status === 200;
}

/** How many shards the server allows a node. */
export async function shardLimit(url: string): Promise<number> {
  if (url === '') return 0;
  const path = '/_cluster/settings?include_defaults=true&flat_settings=true';
  const { body } = await cluster(url).call('GET', path);
  const told = { ...(body.defaults as object), ...(body.persistent as object) } as Record<string, string>;
  return Number(told['cluster.max_shards_per_node']);
}

/** A namespace that nobody else uses. */
export function freshNamespace(prefix: string): string {
  return `${prefix}_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
}

/** The uids in a data stream, including repeats. */
export async function uidsIn({ call }: Cluster, stream: string): Promise<string[]> {
  await call('POST', `/${stream}/_refresh`);
  const { status, body } = await call('POST', `/${stream}/_search`, { size: 10_000, _source: false });
  if (status === 404) return [];
  const { hits } = body.hits as { hits: { _id: string }[] };
  return hits.map((hit) => hit._id);
}

/**
 * How many documents and how many distinct uids a stream holds, counted one by one: a cardinality aggregation only
 * estimates.
 */
export async function countIn(
  { call }: Cluster,
  stream: string,
): Promise<{ documents: number; distinct: number }> {
  await call('POST', `/${stream}/_refresh`);
  const uids = new Set<string>();
  let documents = 0;
  for (let after: string[] | undefined; ; ) {
    const { body } = await call('POST', `/${stream}/_search`, {
      size: 10_000,
      _source: false,
      track_total_hits: true,
      sort: [{ 'event.id': 'asc' }],
      ...(after !== undefined && { search_after: after }),
    });
    const { hits } = body as unknown as {
      hits: { total: { value: number }; hits: { _id: string; sort: string[] }[] };
    };
    documents = hits.total.value;
    for (const { _id } of hits.hits) uids.add(_id);
    after = hits.hits.at(-1)?.sort;
    if (after === undefined) return { documents, distinct: uids.size };
  }
}

/** The names of a stream's backing indices, oldest first. */
export async function backingOf({ call }: Cluster, stream: string): Promise<string[]> {
  const { body } = await call('GET', `/_data_stream/${stream}`);
  const [found] = body.data_streams as { indices: { index_name: string }[] }[];
  return (found?.indices ?? []).map((index) => index.index_name);
}
