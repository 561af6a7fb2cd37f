import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import { httpRequest, ReplyTooLargeError } from '../../net/http.ts';
import { authorizationOf, credentialsOf } from './credentials.ts';
import { type ItemError } from './items.ts';
import type { ElasticsearchOptions } from './options.ts';
import { BlockedError, meaningOf, problemIn } from './statuses.ts';
import { agentsFor, urlsOf } from './target.ts';

/** Of a reply to so small a request no more is read. */
const MAX_BYTES = 2 ** 20;

export interface DirectRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly content?: string;
  /** For messages. */
  readonly what: string;
  /** Statuses that are an answer when Elasticsearch itself gives them. */
  readonly expected?: readonly number[];
}

/**
 * One request without the client, which takes longer to load than a pass with nothing new to make. Of several nodes the
 * first that answers. Throws `ConfigError`, `RetryableError` and `UnavailableError` as the client's requests do.
 */
export async function requestDirectly(
  options: ElasticsearchOptions,
  request: DirectRequest,
  signal: AbortSignal,
): Promise<void> {
  const urls = urlsOf(options);
  const credentials = credentialsOf(options);
  const agents = await agentsFor(urls, options, signal);
  try {
    let failure: unknown;
    for (const base of urls) {
      try {
        const url = new URL(`${base.pathname.replace(/\/+$/, '')}${request.path}`, base);
        const { status, headers, body } = await httpRequest({
          method: request.method,
          url,
          headers: {
            accept: 'application/json',
            ...(request.content !== undefined && { 'content-type': 'application/json' }),
            ...(credentials !== undefined && { authorization: authorizationOf(credentials) }),
          },
          content: request.content,
          agent: url.protocol === 'https:' ? agents.https : agents.http,
          direct: agents.direct(url),
          timeoutMs: options.request_timeout,
          maxBytes: MAX_BYTES,
          signal,
        });
        throwUnlessTaken(request, status, headers, problemOf(body));
        return;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw named(error, request.what);
        failure = error;
      }
    }
    throw failure;
  } finally {
    agents.http.destroy();
    agents.https.destroy();
  }
}

function throwUnlessTaken(
  { what, expected = [] }: DirectRequest,
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  problem: ItemError | undefined,
): void {
  const isElasticsearch = headers['x-elastic-product'] === 'Elasticsearch';
  if (isElasticsearch && status >= 200 && status < 300) return;
  if ((isElasticsearch || problem !== undefined) && expected.includes(status)) return;
  if (status < 300) throw new BlockedError(`${what}: no header X-Elastic-Product`, status);
  const retryAfter = headers['retry-after'];
  throw meaningOf({
    what,
    status,
    problem,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    dialect: () => 'application/json',
  });
}

function problemOf(body: Buffer): ItemError | undefined {
  try {
    return problemIn(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}

/** What is wrong with the connection names the host only; a page that is so long is nothing that Elasticsearch says. */
function named(error: unknown, what: string): unknown {
  if (error instanceof ReplyTooLargeError)
    return new ConfigError(`${what}: ${error.message}: is this Elasticsearch, or a proxy in the way?`, {
      cause: error,
    });
  if (!(error instanceof ConfigError) || error.message.startsWith(what)) return error;
  return new ConfigError(`${what}: ${error.message}`, { cause: error });
}
