import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';
import type { SplunkHecOptions } from './options.ts';

/** Where the collector is and how we show who we are. */
export interface Endpoint {
  readonly base: URL;
  readonly token: string;
  /** Set when acks are on, or when the operator named a channel. */
  readonly channelHeader: Readonly<Record<string, string>>;
  readonly path: (what: 'event' | 'ack' | 'health') => string;
  readonly url: (what: 'event' | 'ack' | 'health') => string;
}

/** People paste the base URL or the whole path of the event endpoint; both are meant. */
function basePath(url: URL): string {
  return url.pathname.replace(/\/services\/collector(\/event)?(\/1\.0)?\/?$/, '').replace(/\/+$/, '');
}

function readToken(options: SplunkHecOptions): string {
  if (options.token !== undefined) return options.token;
  const file = options.token_file;
  if (file === undefined) {
    const token = process.env.SPLUNK_HEC_TOKEN?.trim();
    if (token) return token;
    throw new ConfigError('token: give token, token_file or the environment variable SPLUNK_HEC_TOKEN');
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`token_file ${file}: ${(error as Error).message}`, { cause: error });
  }
  if (text === '' || /\s/.test(text)) throw new ConfigError(`token_file ${file}: must hold one token`);
  return text;
}

/** Throws `ConfigError` when there is no token. */
export function makeEndpoint(options: SplunkHecOptions): Endpoint {
  const base = new URL(options.url);
  const prefix = basePath(base);
  const path: Endpoint['path'] = (what) => `${prefix}/services/collector/${what}`;
  // One channel per process: acks of two processes on one channel would be told to whoever asks first.
  const channel = options.channel ?? (options.ack ? randomUUID() : undefined);
  return {
    base,
    token: readToken(options),
    channelHeader: channel === undefined ? {} : { 'X-Splunk-Request-Channel': channel },
    path,
    url: (what) => `${base.origin}${path(what)}`,
  };
}
