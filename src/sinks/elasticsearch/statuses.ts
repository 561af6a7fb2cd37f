import { ConfigError, RetryableError, UnavailableError } from '../../contracts/errors.ts';
import { parseRetryAfter } from '../../io/retry.ts';
import { explain, type ItemError, judge } from './items.ts';

/** The body exceeds a limit: send less at a time. */
export class TooLargeError extends Error {
  override name = 'TooLargeError';
  /** True if the server (or a proxy) said so; otherwise it is our own limit, and nothing was sent. */
  readonly byServer: boolean;
  constructor(message: string, byServer: boolean) {
    super(message);
    this.byServer = byServer;
  }
}

/**
 * HTTP 400 in Elasticsearch's words, about the request as a whole: an unknown parameter, or a body that is not what was
 * sent. A caller that does not expect it can only stop.
 */
export class NotUnderstoodError extends UnavailableError {
  override name = 'NotUnderstoodError';
}

/** Something other than Elasticsearch answered: a firewall or proxy in between, or a wrong address. */
export class BlockedError extends ConfigError {
  override name = 'BlockedError';
  /** `a firewall or proxy in the way answered 403 …`: for the dead letter, if only some requests meet it. */
  readonly reason: string;
  constructor(what: string, status: number) {
    const page = status < 300 ? 'a page that is not Elasticsearch’s' : 'not in Elasticsearch’s words';
    super(
      `${what}: HTTP ${status}, ${page}: ${FIXES[status] ?? 'is this Elasticsearch, or a proxy in the way?'}`,
    );
    this.reason = `a proxy or firewall in the way answered this document with HTTP ${status}, ${page}`;
  }
}

/** A bulk request was refused as a whole, for its content or its destination. None of it was accepted. */
export class BulkRefusedError extends Error {
  override name = 'BulkRefusedError';
  readonly refusal: BlockedError | NotUnderstoodError;
  constructor(refusal: BlockedError | NotUnderstoodError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

/** What to check, for statuses that give a clue. */
const FIXES: Readonly<Record<number, string>> = {
  200: 'perhaps the login page of a proxy or captive portal; see urls',
  301: 'a redirect; put the address it leads to into urls',
  302: 'a redirect, perhaps to a login page; see urls and the proxy',
  307: 'a redirect; put the address it leads to into urls',
  308: 'a redirect; put the address it leads to into urls',
  403: 'a firewall or proxy in the way refuses us, not the cluster',
  411: 'a proxy in the way requires a Content-Length and drops ours',
};

/** Elasticsearch's name for a media type of an unsupported version. */
export const MEDIA_TYPE_REFUSAL = 'media_type_header_exception';

/** A request that was refused as a whole. */
interface Refusal {
  /** The request, for messages. */
  readonly what: string;
  readonly status: number;
  /** What Elasticsearch itself says; undefined if something else answered. */
  readonly problem: ItemError | undefined;
  readonly retryAfter: string | undefined;
  /** The media type of the request. */
  readonly dialect: () => string;
}

/** Statuses of 500 and above that waiting will not fix. */
const LASTING = new Set([501, 505]);
const PASSING = new Set([408, 421, 425, 429]);

/**
 * The single table of what it means when a whole request is refused; `judge` has the one for the items of a bulk
 * request.
 */
export function meaningOf({ what, status, problem, retryAfter, dialect }: Refusal): Error {
  const reason = problem === undefined ? `HTTP ${status}` : explain(problem);
  if (status === 413) return new TooLargeError(`${what}: the request is too large`, true);
  if (PASSING.has(status) || (status >= 500 && !LASTING.has(status))) {
    return new RetryableError(`HTTP ${status}, ${reason}`, { retryAfterMs: parseRetryAfter(retryAfter) });
  }
  if (status === 407) {
    return new ConfigError(
      `${what}: the proxy requires credentials, or rejects those it was given (HTTP 407); put user:password@ before the host in the URL of the proxy variable`,
    );
  }
  if (status === 401)
    return new ConfigError(
      `${what}: the credentials are refused (HTTP 401); have they expired, or been revoked?`,
    );
  if (problem === undefined) return new BlockedError(what, status);
  if (problem.type === MEDIA_TYPE_REFUSAL) {
    return new ConfigError(
      `${what}: the server refuses ${dialect()}: ${explain(problem.caused_by ?? problem)}. Expected Elasticsearch 8 or 9, and no proxy that changes Accept or Content-Type`,
    );
  }
  const verdict = judge({ status, error: problem });
  switch (verdict.is) {
    case 'credentials':
      return new ConfigError(
        `${what}: not permitted: ${reason}; the roles that each command needs are in deploy/elasticsearch/roles`,
      );
    case 'later':
      return new RetryableError(`HTTP ${status}, ${verdict.reason}`);
    case 'unavailable':
      return new UnavailableError(`${what}: ${verdict.reason}`);
    default:
      if (status === 400) return new NotUnderstoodError(`${what}: ${reason}`);
      return new ConfigError(`${what}: HTTP ${status}: ${reason}`);
  }
}

/** The error object in a reply's body, if it comes from Elasticsearch. */
export function problemIn(body: unknown): ItemError | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return typeof body.error === 'object' && body.error !== null ? body.error : undefined;
}
