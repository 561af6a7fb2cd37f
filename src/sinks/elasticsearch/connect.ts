import { Client } from '@elastic/elasticsearch';
import { explainingConnection } from './connection.ts';
import { credentialsOf } from './credentials.ts';
import type { ElasticsearchOptions } from './options.ts';
import { jsonOnly } from './replies.ts';
import { agentsFor, urlsOf } from './target.ts';

export interface Connected {
  readonly client: Client;
  readonly close: () => void;
}

/**
 * A client without retries of its own, whose sockets go through the shared agents (proxy, CA, keep-alive). Reads the
 * secret files. Throws `ConfigError` if one cannot be read, and as `pinnedCa` does.
 */
export async function connect(options: ElasticsearchOptions, signal: AbortSignal): Promise<Connected> {
  const urls = urlsOf(options);
  const auth = credentialsOf(options);
  const { cloud_id: id, request_timeout: requestTimeout } = options;
  const agents = await agentsFor(urls, options, signal);
  const client = new Client({
    ...(id === undefined ? { nodes: urls.map(({ href }) => href) } : { cloud: { id } }),
    ...(auth !== undefined && { auth }),
    Connection: jsonOnly(explainingConnection(agents.direct)),
    // The client's own agents ignore NO_PROXY, and its fingerprint check does not see a socket that comes through a
    // proxy.
    agent: ({ url }) => (url.protocol === 'https:' ? agents.https : agents.http),
    maxRetries: 0,
    compression: false,
    requestTimeout,
  });
  const close = (): void => {
    agents.http.destroy();
    agents.https.destroy();
  };
  return { client, close };
}
