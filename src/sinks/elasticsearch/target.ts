import { ConfigError } from '../../contracts/errors.ts';
import { type Agents, createAgents } from '../../net/agents.ts';
import type { ElasticsearchOptions } from './options.ts';
import { pinnedCa } from './pinned.ts';

/** The cluster's addresses. Throws `ConfigError` for a Cloud ID that contains none. */
export function urlsOf({ urls, cloud_id: id }: Pick<ElasticsearchOptions, 'urls' | 'cloud_id'>): URL[] {
  if (id === undefined) return (urls ?? []).map((url) => new URL(url));
  // `name:base64`, where the base64 text is `<host>$<id of Elasticsearch>$<id of Kibana>`.
  const [, encoded = ''] = id.split(':');
  const [host, cluster] = Buffer.from(encoded, 'base64').toString().split('$');
  const url = `https://${cluster}.${host}`;
  if (!host || !cluster || !URL.canParse(url))
    throw new ConfigError('sink.cloud_id: expected `name:base64`, as Elastic Cloud shows it');
  return [new URL(url)];
}

/** Sockets to the cluster, with the trust settings of the options. Throws as `createAgents` and `pinnedCa` do. */
export async function agentsFor(
  urls: readonly URL[],
  { ca_file: caFile, ca_fingerprint: fingerprint, request_timeout: timeout }: ElasticsearchOptions,
  signal: AbortSignal,
): Promise<Agents> {
  const ca = fingerprint === undefined ? undefined : await pinnedCa(urls, fingerprint, timeout, signal);
  return createAgents({ caFile, ca });
}
