import { errors } from '@elastic/elasticsearch';
import { ConfigError, RetryableError, UnavailableError } from '../../errors.ts';
import { faultOf } from '../../net/fault-of.ts';
import { parseRetryAfter } from '../../retry.ts';
import { explain, type ItemError } from './items.ts';

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

/** HTTP 400: the server does not know a parameter we sent. Who does not expect that has a bug. */
export class NotUnderstoodError extends Error {
  override name = 'NotUnderstoodError';
}

/**
 * What a failed request means, by what happens next. An aborted request comes back as its abort reason. Status 404 is
 * an `UnavailableError`: callers for whom absence is an answer look at the status before they call this.
 */
export function translate(error: unknown, what: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof errors.ResponseError) return translateStatus(error, what);
  if (error instanceof errors.ProductNotSupportedError) {
    return new ConfigError(
      `${what}: the server does not call itself Elasticsearch (or a proxy drops the header X-Elastic-Product)`,
    );
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
  return error;
}

function translateStatus(error: errors.ResponseError, what: string): Error {
  const status = error.statusCode ?? 0;
  const problem = problemOf(error);
  const reason = problem === undefined ? `HTTP ${status}` : explain(problem);
  if (status === 413) return new TooLargeError(`${what}: the request is too large`, true);
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(error.headers?.['retry-after']);
    return new RetryableError(`HTTP ${status}, ${reason}`, { cause: error, retryAfterMs });
  }
  if (status === 407) {
    return new ConfigError(
      `${what}: the proxy wants credentials, or refuses those it was given (HTTP 407); put them into the proxy variable, as http://user:password@host:port`,
    );
  }
  if (status === 401) return new ConfigError(`${what}: the credentials are refused (HTTP 401)`);
  if (status === 403 && problem?.type === 'cluster_block_exception') {
    return new UnavailableError(`${what}: ${reason}`);
  }
  if (status === 403) return new ConfigError(`${what}: not permitted: ${reason}`);
  if (status === 404) return new UnavailableError(`${what}: not found: ${reason}`);
  if (isMediaTypeRefusal(error)) {
    return new ConfigError(
      `${what}: the server refuses ${dialectOf(error)}: ${explain(problem?.caused_by ?? problem)}. Expected Elasticsearch 8 or 9, and no proxy that changes Accept or Content-Type`,
    );
  }
  if (status === 400 && problem !== undefined) {
    if (problem.type === 'index_closed_exception') return new UnavailableError(`${what}: ${reason}`);
    return new NotUnderstoodError(`${what}: ${reason}`);
  }
  return new ConfigError(`${what}: HTTP ${status}: is this Elasticsearch?`);
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
