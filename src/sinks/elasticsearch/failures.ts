import { errors } from '@elastic/elasticsearch';
import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import { faultOf } from '../../net/fault-of.ts';
import { type ItemError } from './items.ts';
import { BlockedError, MEDIA_TYPE_REFUSAL, meaningOf, problemIn } from './statuses.ts';

/**
 * What a failed request means, by what happens next. An aborted request returns its abort reason. Status 404 is an
 * error too: callers for which absence is an answer check the status before they call this.
 */
export function translate(error: unknown, what: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof errors.ResponseError) return translateStatus(error, what);
  if (error instanceof errors.ProductNotSupportedError) {
    return new BlockedError(`${what}: no header X-Elastic-Product`, error.meta?.statusCode ?? 200);
  }
  const fault = faultOf(error);
  const reason = fault && `${hostOf(error)}${fault.reason}`;
  if (fault?.whose === 'operator') return new ConfigError(`${what}: ${reason}`, { cause: error });
  if (
    error instanceof errors.ConnectionError ||
    error instanceof errors.TimeoutError ||
    error instanceof errors.NoLivingConnectionsError
  ) {
    return new RetryableError(reason ?? error.message, { cause: error });
  }
  if (error instanceof errors.DeserializationError) {
    return new RetryableError('the reply is not JSON', { cause: error });
  }
  // A reply that cannot be decompressed, or is longer than a string can be.
  const isDamaged = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  if (isDamaged || error instanceof errors.ElasticsearchClientError) {
    return new RetryableError(`the reply cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return error;
}

/** The node that failed, of several. */
function hostOf(error: unknown): string {
  let next = error;
  // The client wraps what its connection throws.
  for (let depth = 0; depth < 5 && next instanceof Error; depth += 1) {
    if ('node' in next) return `${String(next.node)}: `;
    next = next.cause;
  }
  return '';
}

function translateStatus(error: errors.ResponseError, what: string): Error {
  const meaning = meaningOf({
    what,
    status: error.statusCode ?? 0,
    problem: problemOf(error),
    retryAfter: error.headers?.['retry-after'],
    dialect: () => dialectOf(error),
  });
  meaning.cause = error;
  return meaning;
}

/** True if the server does not support the version that the request's media types name. */
export function isMediaTypeRefusal(error: unknown): boolean {
  return error instanceof errors.ResponseError && problemOf(error)?.type === MEDIA_TYPE_REFUSAL;
}

/** The media type of a refused request. */
function dialectOf(error: errors.ResponseError): string {
  const headers: Readonly<Record<string, unknown>> = error.meta.meta.request.params.headers ?? {};
  return String(headers['content-type'] ?? headers.accept);
}

function problemOf(error: errors.ResponseError): ItemError | undefined {
  return problemIn(error.body);
}

/** True for a reply of exactly this status. */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof errors.ResponseError && error.statusCode === status;
}

/**
 * True if Elasticsearch itself says that something does not exist: a proxy's page with that status says nothing about
 * it.
 */
export function isAbsent(error: unknown): boolean {
  if (!(error instanceof errors.ResponseError) || error.statusCode !== 404) return false;
  return problemOf(error) !== undefined || error.headers?.['x-elastic-product'] === 'Elasticsearch';
}
