import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import type { Agents } from '../../net/agents.ts';
import { httpRequest, ReplyTooLargeError } from '../../net/http.ts';
import { authorizationOf, credentialsOf } from './credentials.ts';
import { type ItemError } from './items.ts';
import type { ElasticsearchOptions } from './options.ts';
import { BlockedError, meaningOf, problemIn } from './statuses.ts';
import { agentsFor, urlsOf } from './target.ts';

/** The most that is read of the reply to such a small request. */
const MAX_BYTES = 2 ** 20;

interface DirectRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly content?: string;
  /** For messages. */
  readonly what: string;
  /** Statuses that are a valid answer if Elasticsearch itself sends them. */
  readonly expected?: readonly number[];
}

/** Requests without the client, which takes longer to load than a pass with nothing new takes to run. */
export interface Direct {
  /**
   * Sends one request to the first node that answers. Throws `ConfigError`, `RetryableError` and `UnavailableError` as
   * the client's requests do.
   */
  readonly request: (request: DirectRequest, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}

interface Opened {
  readonly urls: readonly URL[];
  readonly agents: Agents;
  readonly authorization: string | undefined;
}

/** Reads secrets and CA, and connects, on the first request. */
export function createDirect(options: ElasticsearchOptions): Direct {
  let opened: Opened | undefined;

  async function open(signal: AbortSignal): Promise<Opened> {
    const urls = urlsOf(options);
    const credentials = credentialsOf(options);
    const authorization = credentials && authorizationOf(credentials);
    return { urls, authorization, agents: await agentsFor(urls, options, signal) };
  }

  async function ask(
    base: URL,
    request: DirectRequest,
    { agents, authorization }: Opened,
    signal: AbortSignal,
  ) {
    const { method, path, content } = request;
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}${path}`, base);
    const { status, headers, body } = await httpRequest({
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...(authorization !== undefined && { authorization }),
      },
      content,
      agent: url.protocol === 'https:' ? agents.https : agents.http,
      direct: agents.direct(url),
      timeoutMs: options.request_timeout,
      maxBytes: MAX_BYTES,
      signal,
    });
    throwUnlessTaken(request, status, headers, problemOf(body));
  }

  return {
    async request(request, signal) {
      opened ??= await open(signal);
      let failure: unknown;
      for (const base of opened.urls) {
        try {
          await ask(base, request, opened, signal);
          return;
        } catch (error) {
          if (!(error instanceof RetryableError)) throw named(error, request.what);
          failure = error;
        }
      }
      throw failure;
    },
    close() {
      opened?.agents.http.destroy();
      opened?.agents.https.destroy();
    },
  };
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

/** An error of the connection names only the host. A page this long does not come from Elasticsearch. */
function named(error: unknown, what: string): unknown {
  if (error instanceof ReplyTooLargeError)
    return new ConfigError(`${what}: ${error.message}: is this Elasticsearch, or a proxy in the way?`, {
      cause: error,
    });
  if (!(error instanceof ConfigError) || error.message.startsWith(what)) return error;
  return new ConfigError(`${what}: ${error.message}`, { cause: error });
}
