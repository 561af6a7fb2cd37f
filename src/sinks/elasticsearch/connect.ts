import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Client, errors, HttpConnection } from '@elastic/elasticsearch';
import { ConfigError, RetryableError } from '../../errors.ts';
import { makeAgents } from '../../net/agents.ts';
import type { ElasticsearchOptions } from './options.ts';

type ClientOptions = ConstructorParameters<typeof Client>[0];

export interface Connected {
  readonly client: Client;
  readonly close: () => void;
}

/**
 * A client without retries of its own, whose sockets go through the shared agents (proxy, CA, keep-alive). Reads the
 * secrets' files. Throws `ConfigError` for what cannot be read, and for a fingerprint no certificate of the server has.
 */
export async function connect(options: ElasticsearchOptions, signal: AbortSignal): Promise<Connected> {
  const target = targetOf(options);
  const ca = options.ca_fingerprint === undefined ? undefined : await pinnedCa(target.first, options, signal);
  const agents = makeAgents({ caFile: options.ca_file, ca });
  const client = new Client({
    ...target.options,
    ...authentication(options),
    Connection: HttpConnection,
    // The client's own agents know no proxies, and its fingerprint check does not see a socket that comes out of one.
    agent: ({ url }) => (url.protocol === 'https:' ? agents.https : agents.http),
    maxRetries: 0,
    compression: false,
    requestTimeout: options.request_timeout,
    sniffOnStart: false,
  });
  const close = (): void => {
    agents.http.destroy();
    agents.https.destroy();
  };
  return { client, close };
}

function targetOf(options: ElasticsearchOptions): { first: URL; options: ClientOptions } {
  const { cloud_id: id, nodes } = options;
  if (id === undefined) {
    const [first] = nodes ?? [];
    if (first === undefined || nodes === undefined)
      throw new ConfigError('sink.nodes: expected at least one URL');
    return { first: new URL(first), options: { nodes } };
  }
  try {
    const { connectionPool } = new Client({ cloud: { id } });
    const first = connectionPool.connections[0]?.url;
    if (first !== undefined) return { first, options: { cloud: { id } } };
  } catch (error) {
    if (!(error instanceof errors.ConfigurationError)) throw error;
  }
  throw new ConfigError('sink.cloud_id: expected `name:base64`, as Elastic Cloud shows it');
}

function authentication(options: ElasticsearchOptions): Partial<Pick<ClientOptions, 'auth'>> {
  const { username } = options;
  if (username !== undefined) {
    const password = options.password ?? secretFile('password_file', options.password_file);
    return { auth: { username, password: password ?? '' } };
  }
  const apiKey = options.api_key ?? secretFile('api_key_file', options.api_key_file);
  if (apiKey === undefined) return {};
  const [id, key] = apiKey.split(':');
  return { auth: { apiKey: key === undefined || id === undefined ? apiKey : { id, api_key: key } } };
}

function secretFile(key: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`sink.${key} ${file}: ${(error as Error).message}`, { cause: error });
  }
  if (secret === '') throw new ConfigError(`sink.${key} ${file}: the file is empty`);
  return secret;
}

/**
 * The certificate the server sends that has the wanted fingerprint, to be the only authority trusted from then on. One
 * request without credentials fetches it; every later one is verified in full against it.
 */
async function pinnedCa(url: URL, options: ElasticsearchOptions, signal: AbortSignal): Promise<string> {
  const agent = makeAgents({ verify: false }).https;
  const wanted = options.ca_fingerprint?.replaceAll(':', '').toLowerCase();
  try {
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const request = https.request(url, { agent, method: 'HEAD', signal, timeout: options.request_timeout });
      request.on('response', (response) => {
        resolve(response.socket as TLSSocket);
        response.resume();
      });
      request.on('timeout', () => request.destroy(new Error('timed out')));
      request.on('error', reject);
      request.end();
    });
    const seen = new Set<string>();
    let certificate = socket.getPeerCertificate(true);
    while (certificate?.fingerprint256 && !seen.has(certificate.fingerprint256)) {
      seen.add(certificate.fingerprint256);
      if (certificate.fingerprint256.replaceAll(':', '').toLowerCase() === wanted)
        return pem(certificate.raw);
      certificate = certificate.issuerCertificate;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new RetryableError((error as Error).message, { cause: error });
  } finally {
    agent.destroy();
  }
  throw new ConfigError(`sink.ca_fingerprint: no certificate that ${url.host} sends has it`);
}

function pem(raw: Buffer): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
