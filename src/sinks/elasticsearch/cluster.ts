import type { Client } from '@elastic/elasticsearch';
import { ConfigError } from '../../contracts/errors.ts';
import type { Connected } from './connect.ts';
import { hasStatus, isMediaTypeRefusal, translate } from './failures.ts';

/** A client that uses a dialect the server understands. */
export interface Cluster {
  readonly client: Client;
  /** As reported by the server; undefined if the credentials may not ask (the `run` role may not). */
  readonly version: string | undefined;
  readonly serverless: boolean;
  /** Content type of a bulk body. */
  readonly ndjson: string;
  /** Whether requests can tell the server not to quote documents in its errors (8.18 and later). */
  readonly hidesSource: boolean;
}

function types(major: 8 | 9): { readonly json: string; readonly ndjson: string } {
  const type = (format: string): string =>
    `application/vnd.elasticsearch+${format}; compatible-with=${major}`;
  return { json: type('json'), ndjson: type('x-ndjson') };
}

/**
 * Finds out, in one or two round trips, which media types the server accepts: the client's own (9), or those of 8.
 * Elasticsearch checks credentials first (401), then the media type (400), then the privilege (403), so a 403 means
 * that the dialect of the request was understood. Throws as `translate` does, and `ConfigError` for an unsupported
 * version.
 */
export async function openCluster({ client }: Connected, signal: AbortSignal): Promise<Cluster> {
  const answer = await greet(client, types(9).json, signal);
  if (answer !== 'refused') {
    const { version, serverless } = answer;
    if (version !== undefined && Number.parseInt(version, 10) < 8) throw tooOld(version);
    if (serverless || !version?.startsWith('8.')) {
      return { client, version, serverless, ndjson: types(9).ndjson, hidesSource: true };
    }
  }
  const { json, ndjson } = types(8);
  const older = client.child({ headers: { accept: json, 'content-type': json } });
  const again = answer === 'refused' ? await greet(older, json, signal) : answer;
  if (again === 'refused') throw tooOld('before 8');
  const { version } = again;
  const hidesSource = Number(version?.split('.')[1] ?? 0) >= 18;
  return { client: older, version, serverless: false, ndjson, hidesSource };
}

function tooOld(version: string): ConfigError {
  return new ConfigError(`sink.urls: expected Elasticsearch 8 or 9, the server is ${version}`);
}

/** The parts of the reply that are read; something other than Elasticsearch may have written it. */
interface Greeting {
  readonly version?: { readonly number?: string; readonly build_flavor?: string };
}

interface Answer {
  readonly version: string | undefined;
  readonly serverless: boolean;
}

/**
 * What `GET /` returns: nothing if we may not ask, `refused` if the server does not know the media type. The client
 * would send `Accept: …compatible-with=9,text/plain`, and a server ignores an `Accept` with a comma instead of refusing
 * it.
 */
async function greet(client: Client, accept: string, signal: AbortSignal): Promise<Answer | 'refused'> {
  try {
    const { version }: Greeting = await client.info({}, { signal, headers: { accept } });
    if (typeof version?.number !== 'string')
      throw new ConfigError('sink.urls: GET / names no version: expected Elasticsearch 8 or 9');
    return { version: version.number, serverless: version.build_flavor === 'serverless' };
  } catch (error) {
    if (hasStatus(error, 403)) return { version: undefined, serverless: false };
    if (hasStatus(error, 406) || isMediaTypeRefusal(error)) return 'refused';
    throw translate(error, 'greeting Elasticsearch', signal);
  }
}
