import { randomUUID } from 'node:crypto';
import { ConfigError } from '../../contracts/errors.ts';
import { checkedSecret, readSecret } from '../../options/secret.ts';
import type { SplunkHecOptions } from './options.ts';

/** The collector's address and our credentials. */
export interface Endpoint {
  readonly base: URL;
  readonly token: string;
  /** Set if acks are on, or if the operator named a channel. */
  readonly channelHeader: Readonly<Record<string, string>>;
  readonly path: (what: 'event' | 'ack' | 'health') => string;
  readonly url: (what: 'event' | 'ack' | 'health') => string;
}

/** People paste the base URL or the full path of the event endpoint; both work. */
function basePath(url: URL): string {
  return url.pathname.replace(/\/services\/collector(\/event)?(\/1\.0)?\/?$/, '').replace(/\/+$/, '');
}

function readToken(options: SplunkHecOptions): string {
  const { token, token_file: file } = options;
  if (token !== undefined) return oneToken('token', checkedSecret('token', token));
  if (file !== undefined) return oneToken(`token_file ${file}`, readSecret('token_file', file));
  const given = process.env.SPLUNK_HEC_TOKEN?.trim();
  if (given) return oneToken('SPLUNK_HEC_TOKEN', checkedSecret('SPLUNK_HEC_TOKEN', given));
  throw new ConfigError('no token: set token, token_file or the environment variable SPLUNK_HEC_TOKEN');
}

function oneToken(where: string, text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new ConfigError(`${where}: must contain one token and nothing else`);
  return token;
}

/** Throws `ConfigError` if there is no token. */
export function createEndpoint(options: SplunkHecOptions): Endpoint {
  const base = new URL(options.url);
  const prefix = basePath(base);
  const path: Endpoint['path'] = (what) => `${prefix}/services/collector/${what}`;
  // One channel per process: if two processes shared one, their acks would go to whichever asks first.
  const channel = options.channel ?? (options.ack ? randomUUID() : undefined);
  return {
    base,
    token: readToken(options),
    channelHeader: channel === undefined ? {} : { 'X-Splunk-Request-Channel': channel },
    path,
    url: (what) => `${base.origin}${path(what)}`,
  };
}
