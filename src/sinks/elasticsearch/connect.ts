import { Client } from '@elastic/elasticsearch';
import { ConfigError } from '../../contracts/errors.ts';
import { createAgents } from '../../net/agents.ts';
import { checkedSecret, readSecret } from '../../options/secret.ts';
import { rememberSecret } from '../../text/own-secrets.ts';
import { explainingConnection } from './connection.ts';
import type { ElasticsearchOptions } from './options.ts';
import { pinnedCa } from './pinned.ts';
import { jsonOnly } from './replies.ts';

type ClientOptions = ConstructorParameters<typeof Client>[0];

export interface Connected {
  readonly client: Client;
  readonly close: () => void;
}

/**
 * A client without retries of its own, whose sockets go through the shared agents (proxy, CA, keep-alive). Reads the
 * secrets' files. Throws `ConfigError` for what cannot be read, and as `pinnedCa` says.
 */
export async function connect(options: ElasticsearchOptions, signal: AbortSignal): Promise<Connected> {
  const target = targetOf(options);
  const authentication = authenticationOf(options);
  const { ca_fingerprint: fingerprint, request_timeout: requestTimeout } = options;
  const ca =
    fingerprint === undefined
      ? undefined
      : await pinnedCa(urlsOf(target), fingerprint, requestTimeout, signal);
  const agents = createAgents({ caFile: options.ca_file, ca });
  const client = new Client({
    ...target,
    ...authentication,
    Connection: jsonOnly(explainingConnection(agents.direct)),
    // The client's own agents know no NO_PROXY, and its fingerprint check does not see a socket that comes out of a proxy.
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

function targetOf(
  options: ElasticsearchOptions,
): Pick<ClientOptions, 'nodes'> | Pick<ClientOptions, 'cloud'> {
  const { cloud_id: id, urls } = options;
  if (id === undefined) return { nodes: [...(urls ?? [])] };
  try {
    urlsOf({ cloud: { id } });
  } catch (error) {
    throw new ConfigError('sink.cloud_id: expected `name:base64`, as Elastic Cloud shows it', {
      cause: error,
    });
  }
  return { cloud: { id } };
}

/** The client itself knows how to read a cloud ID. */
function urlsOf(target: ClientOptions): URL[] {
  return new Client({ ...target }).connectionPool.connections.map(({ url }) => url);
}

function authenticationOf(options: ElasticsearchOptions): Partial<Pick<ClientOptions, 'auth'>> {
  const { username } = options;
  if (username !== undefined) {
    const password = secretOf('password', options.password, options.password_file);
    rememberSecret(basicOf(username, password ?? ''));
    return { auth: { username, password: password ?? '' } };
  }
  const apiKey = secretOf('api_key', options.api_key, options.api_key_file)?.trim();
  if (apiKey === undefined) return {};
  const [id, key] = apiKey.split(':');
  if (id === undefined || key === undefined) return { auth: { apiKey } };
  // As the client sends it.
  rememberSecret(basicOf(id, key));
  rememberSecret(key);
  return { auth: { apiKey: { id, api_key: key } } };
}

function basicOf(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

/** Blanks around a password may be meant; those around a key are not, and its caller takes them off. */
function secretOf(key: string, given: string | undefined, file: string | undefined): string | undefined {
  if (given !== undefined) return checkedSecret(`sink.${key}`, given);
  return file === undefined ? undefined : readSecret(`sink.${key}_file`, file);
}
