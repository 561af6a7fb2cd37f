import { ConfigError, RetryableError } from '../contracts/errors.ts';
import { parseRetryAfter } from '../io/retry.ts';
import { faultOf } from '../net/fault-of.ts';

/**
 * What a failed AWS call means for us:
 *
 *   gone       the object (or message) is not there
 *   changed    it exists, but not in the version we asked for
 *   conflict   another conditional write was in progress: retry
 *   denied     this call was refused; if it was for one object, others may still be readable
 *   archived   in cold storage, or encrypted with a key that is no longer active
 *   config     for the operator to fix: credentials, bucket, region, endpoint, certificates
 *   retryable  temporary
 *   unknown    not from AWS or the network: our own bug, or an abort
 */
export type FailureKind =
  | 'gone'
  | 'changed'
  | 'conflict'
  | 'denied'
  | 'archived'
  | 'config'
  | 'retryable'
  | 'unknown';

export interface AwsFailure {
  readonly kind: FailureKind;
  /** AWS's code, Node's code, or the HTTP status: short and stable. */
  readonly code: string;
  /** One sentence for the operator. */
  readonly reason: string;
  /** Set if the server named a time (`Retry-After`). */
  readonly retryAfterMs?: number;
}

const PATH_STYLE = 'an S3-compatible server may need `force_path_style: true`';
const WRONG_REGION = 'set `region` to the bucket’s region';

/** By AWS's code; network codes are in the table of faults. The text, if given, says how to fix it. */
const CODES: Readonly<Record<string, readonly [FailureKind, string?]>> = {
  NoSuchKey: ['gone'],
  NotFound: ['gone'],
  NoSuchVersion: ['gone'],
  PreconditionFailed: ['changed'],
  InvalidRange: ['changed'],
  ConditionalRequestConflict: ['conflict'],
  OperationAborted: ['conflict'],
  AccessDenied: ['denied'],
  AccessDeniedException: ['denied'],
  AllAccessDisabled: ['denied'],
  Forbidden: ['denied'],
  InvalidObjectState: ['archived'],
  'KMS.DisabledException': ['archived'],
  'KMS.NotFoundException': ['archived'],
  'KMS.KMSInvalidStateException': ['archived'],
  InvalidAccessKeyId: ['config', 'the access key is unknown'],
  InvalidClientTokenId: ['config', 'the access key is unknown'],
  UnrecognizedClientException: ['config', 'the access key is unknown'],
  SignatureDoesNotMatch: ['config', 'the secret key is wrong'],
  InvalidToken: ['config', 'the session token is wrong'],
  // The SDK renews renewable credentials minutes ahead, so credentials that expire in use are a fixed session
  // token.
  ExpiredToken: ['config', 'the session credentials have expired'],
  ExpiredTokenException: ['config', 'the session credentials have expired'],
  CredentialsProviderError: ['config', 'no usable credentials were found'],
  TokenProviderError: ['config', 'no usable credentials were found'],
  NoSuchBucket: ['config', 'create the bucket or correct its name'],
  InvalidBucketName: ['config'],
  PermanentRedirect: ['config', WRONG_REGION],
  TemporaryRedirect: ['retryable'],
  AuthorizationHeaderMalformed: ['config', WRONG_REGION],
  IllegalLocationConstraintException: ['config', WRONG_REGION],
  NotImplemented: ['config', 'the server does not offer this operation'],
  // The SDK has set its clock from the reply; the next try is signed with the server's time.
  RequestTimeTooSkewed: ['retryable', 'correct the clock of this machine'],
  RequestTimeout: ['retryable'],
  RequestTimeoutException: ['retryable'],
  SlowDown: ['retryable'],
  Throttling: ['retryable'],
  ThrottlingException: ['retryable'],
  TooManyRequestsException: ['retryable'],
  RequestLimitExceeded: ['retryable'],
  // From SQS: too many requests, to the queue or to the key it is encrypted with; too many messages in flight.
  RequestThrottled: ['retryable'],
  KmsThrottled: ['retryable'],
  OverLimit: ['retryable'],
  QueueDoesNotExist: ['config', 'create the queue or correct its URL'],
  BandwidthLimitExceeded: ['retryable'],
  ServiceUnavailable: ['retryable'],
  InternalError: ['retryable'],
  // A file named in the AWS configuration: a token, a profile, a process that provides credentials.
  ENOENT: ['config', 'a file that the AWS configuration names is missing'],
  EISDIR: ['config', 'a file that the AWS configuration names is a folder'],
};

/** For replies without a code: a HEAD has no body, a proxy answers in HTML. */
function byStatus(status: number): readonly [FailureKind, string?] {
  if (status === 404) return ['gone'];
  if (status === 412 || status === 416) return ['changed'];
  if (status === 409) return ['conflict'];
  if (status === 403) return ['denied'];
  if (status === 407)
    return [
      'config',
      'the proxy requires credentials, or rejects those it was given; put user:password@ before the host in the URL of the proxy variable',
    ];
  if (status === 408 || status === 429) return ['retryable'];
  if (status === 501) return ['config', 'the server does not offer this operation'];
  if (status >= 500) return ['retryable'];
  if (status >= 300) return ['config'];
  // A success whose body is not S3's: something in between answered.
  return ['retryable'];
}

interface SdkError extends Error {
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> };
}

/** AWS's message. A parser's message about an unexpected reply would quote it, over several lines. */
function saidBy({ message }: SdkError): string {
  return message?.includes('Deserialization error') ? 'the reply is not from AWS' : message;
}

function sentence(word: string, said: string | undefined, fix: string | undefined): string {
  const quoted = said && said !== 'UnknownError' && said !== word ? ` (${said})` : '';
  return `${word}${quoted}${fix === undefined ? '' : `; ${fix}`}`;
}

/** Classifies what an SDK call (or reading its body) threw. Never throws. */
export function classify(error: unknown): AwsFailure {
  if (typeof error !== 'object' || error === null)
    return { kind: 'unknown', code: 'unknown', reason: String(error) };
  const { name, message, code, Code, $metadata, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const named = [name, Code, code].filter((word): word is string => typeof word === 'string');
  const known = named.find((word) => Object.hasOwn(CODES, word));
  const retryAfterMs = parseRetryAfter($response?.headers?.['retry-after']);
  const describe = (word: string, [kind, fix]: readonly [FailureKind, string?]): AwsFailure => ({
    kind,
    code: word,
    reason: sentence(word, saidBy(error as SdkError), fix),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
  const entry = known === undefined ? undefined : CODES[known];
  if (known !== undefined && entry !== undefined) return describe(known, entry);
  if (message === 'Region is missing') return describe('NoRegion', ['config', 'set `region` or AWS_REGION']);
  if (message?.startsWith('Region not accepted'))
    return describe('BadRegion', ['config', 'correct `region`']);
  const fault = faultOf(error);
  if (fault !== undefined) {
    const hint = fault.code === 'ENOTFOUND' ? `; ${PATH_STYLE}` : '';
    const kind = fault.whose === 'operator' ? 'config' : 'retryable';
    return { kind, code: fault.code, reason: `${fault.reason}${hint}` };
  }
  if (name === 'TimeoutError') return describe(name, ['retryable']);
  if (status !== undefined)
    return describe(name === 'Error' || name === 'SyntaxError' ? `HTTP ${status}` : name, byStatus(status));
  return { kind: 'unknown', code: name, reason: message };
}

/**
 * The error to throw inside `retry` for a failed call: `RetryableError` for temporary failures, `ConfigError` for
 * those that the operator must fix (including refusals), and the error itself for cases that the caller must
 * distinguish (`gone`, `changed`, `archived`) or that are our own bugs. `what` names the call: `get
 * s3://bucket/key`.
 */
export function awsError(error: unknown, what: string): unknown {
  const { kind, reason, retryAfterMs } = classify(error);
  if (kind === 'retryable' || kind === 'conflict')
    return new RetryableError(`${what}: ${reason}`, { cause: error, retryAfterMs });
  if (kind === 'config' || kind === 'denied') return new ConfigError(`${what}: ${reason}`, { cause: error });
  return error;
}

/** Whether AWS denied a request, anywhere in the causes of an error. */
export function isRefusal(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (classify(at).kind === 'denied') return true;
  return false;
}
