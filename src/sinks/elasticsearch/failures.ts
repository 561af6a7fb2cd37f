import { errors } from '@elastic/elasticsearch';
import { ConfigError, RetryableError, UnavailableError } from '../../contracts/errors.ts';
import { parseRetryAfter } from '../../io/retry.ts';
import { faultOf } from '../../net/fault-of.ts';
import { explain, type ItemError, judge } from './items.ts';

/** The body is over a limit: send less at once. */
export class TooLargeError extends Error {
  override name = 'TooLargeError';
  /** The server (or a proxy) said so; else it is our own limit, and nothing was sent. */
  readonly byServer: boolean;
  constructor(message: string, byServer: boolean) {
    super(message);
    this.byServer = byServer;
  }
}

/**
 * HTTP 400 in Elasticsearch's words, for the request as a whole: a parameter it does not know, or a body that is not what
 * was sent. Who does not expect that can only stop.
 */
export class NotUnderstoodError extends UnavailableError {
  override name = 'NotUnderstoodError';
}

/** Something that is not Elasticsearch answered: a firewall or proxy in the way, or a wrong address. */
export class BlockedError extends ConfigError {
  override name = 'BlockedError';
  /** `a firewall or proxy in the way answered 403 …`: for the dead letter, when only some requests meet it. */
  readonly reason: string;
  constructor(what: string, status: number) {
    const page = status < 300 ? 'a page that is not Elasticsearch’s' : 'not in Elasticsearch’s words';
    super(
      `${what}: HTTP ${status}, ${page}: ${FIXES[status] ?? 'is this Elasticsearch, or a proxy in the way?'}`,
    );
    this.reason = `a proxy or firewall in the way answered this document with HTTP ${status}, ${page}`;
  }
}

/** A bulk request was refused as a whole, for what it holds or for where it went. Nothing of it was taken. */
export class BulkRefusedError extends Error {
  override name = 'BulkRefusedError';
  readonly refusal: BlockedError | NotUnderstoodError;
  constructor(refusal: BlockedError | NotUnderstoodError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

/** What to look at, where a status says it. */
const FIXES: Readonly<Record<number, string>> = {
  200: 'the login page of a proxy or captive portal perhaps; see urls',
  301: 'a redirect; put the address it leads to into urls',
  302: 'a redirect, to a login page perhaps; see urls and the proxy',
  307: 'a redirect; put the address it leads to into urls',
  308: 'a redirect; put the address it leads to into urls',
  403: 'a firewall or proxy in the way refuses us, not the cluster',
  411: 'a proxy in the way wants a Content-Length and drops ours',
};

/**
 * What a failed request means, by what happens next. An aborted request comes back as its abort reason. Status 404 is
 * an error, too: callers for whom absence is an answer look at the status before they call this.
 */
export function translate(error: unknown, what: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof errors.ResponseError) return translateStatus(error, what);
  if (error instanceof errors.ProductNotSupportedError) {
    return new BlockedError(`${what}: no header X-Elastic-Product`, error.meta?.statusCode ?? 200);
  }
  const fault = faultOf(error);
  if (fault?.whose === 'operator') return new ConfigError(`${what}: ${fault.reason}`, { cause: error });
  if (
    error instanceof errors.ConnectionError ||
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoLivingConnectionsError
  ) {
    return new RetryableError(fault?.reason ?? error.message, { cause: error });
  }
  if (error instanceof errors.DeserializationError) {
    return new RetryableError('the reply is not JSON', { cause: error });
  }
  // A reply that does not unpack, or is longer than a string can be.
  const isDamaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  if (isDamaged || error instanceof errors.ElasticsearchClientError) {
    return new RetryableError(`the reply cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return error;
}

/** Statuses from 500 on that no waiting mends. */
const LASTING = new Set([501, 505]);
const PASSING = new Set([408, 421, 425, 429]);

/** The one table of what a request that was refused as a whole means; `judge` has that of a bulk's items. */
function translateStatus(error: errors.ResponseError, what: string): Error {
  const status = error.statusCode ?? 0;
  const problem = problemOf(error);
  const reason = problem === undefined ? `HTTP ${status}` : explain(problem);
  if (status === 413) return new TooLargeError(`${what}: the request is too large`, true);
  if (PASSING.has(status) || (status >= 500 && !LASTING.has(status))) {
    const retryAfterMs = parseRetryAfter(error.headers?.['retry-after']);
    return new RetryableError(`HTTP ${status}, ${reason}`, { cause: error, retryAfterMs });
  }
  if (status === 407) {
    return new ConfigError(
      `${what}: the proxy wants credentials, or refuses those it was given (HTTP 407); put them into the proxy variable, as http://user:password@host:port`,
    );
  }
  if (status === 401) return new ConfigError(`${what}: the credentials are refused (HTTP 401)`);
  if (problem === undefined) return new BlockedError(what, status);
  if (isMediaTypeRefusal(error)) {
    return new ConfigError(
      `${what}: the server refuses ${dialectOf(error)}: ${explain(problem.caused_by ?? problem)}. Expected Elasticsearch 8 or 9, and no proxy that changes Accept or Content-Type`,
    );
  }
  const verdict = judge({ status, error: problem });
  switch (verdict.is) {
    case 'credentials':
      return new ConfigError(`${what}: not permitted: ${reason}`);
    case 'later':
      return new RetryableError(`HTTP ${status}, ${verdict.reason}`, { cause: error });
    case 'unavailable':
      return new UnavailableError(`${what}: ${verdict.reason}`);
    default:
      if (status === 400) return new NotUnderstoodError(`${what}: ${reason}`);
      return new ConfigError(`${what}: HTTP ${status}: ${reason}`);
  }
}

/** True when the server does not speak the version that the request's media types name. */
export function isMediaTypeRefusal(error: unknown): boolean {
  return error instanceof errors.ResponseError && problemOf(error)?.type === 'media_type_header_exception';
}

/** The media type that a refused request asked in. */
function dialectOf(error: errors.ResponseError): string {
  const headers: Readonly<Record<string, unknown>> = error.meta.meta.request.params.headers ?? {};
  return String(headers['content-type'] ?? headers.accept);
}

/** The error object of a reply, when it is one of Elasticsearch's. */
function problemOf(error: errors.ResponseError): ItemError | undefined {
  const body: unknown = error.body;
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return typeof body.error === 'object' && body.error !== null ? body.error : undefined;
}

/** True for a reply of exactly this status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof errors.ResponseError && error.statusCode === status;
}

/** True when Elasticsearch itself says that something is not there: a proxy's page of that status says nothing about it. */
export function isAbsent(error: unknown): boolean {
  if (!(error instanceof errors.ResponseError) || error.statusCode !== 404) return false;
  return problemOf(error) !== undefined || error.headers?.['x-elastic-product'] === 'Elasticsearch';
}
