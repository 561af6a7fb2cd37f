import { describe, expect, it } from '@jest/globals';
import { awsError, classify, type FailureKind } from '../../src/aws/errors.ts';
import { ConfigError, RetryableError } from '../../src/contracts/errors.ts';

interface Parts {
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Record<string, string>;
}

function failure({ name, code, status, message = 'said', headers }: Parts): Error {
  return Object.assign(new Error(message), {
    ...(name !== undefined && { name }),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { $metadata: { httpStatusCode: status } }),
    ...(headers !== undefined && { $response: { statusCode: status, headers } }),
  });
}

const cases: readonly (readonly [FailureKind, Parts])[] = [
  ['gone', { name: 'NoSuchKey', status: 404 }],
  ['gone', { name: 'NotFound', status: 404 }],
  ['gone', { name: 'UnknownError', status: 404 }],
  ['changed', { name: 'PreconditionFailed', status: 412 }],
  ['changed', { name: 'UnknownError', status: 412 }],
  ['changed', { name: 'InvalidRange', status: 416 }],
  ['conflict', { name: 'ConditionalRequestConflict', status: 409 }],
  ['denied', { name: 'AccessDenied', status: 403 }],
  ['denied', { name: 'UnknownError', status: 403 }],
  ['archived', { name: 'InvalidObjectState', status: 403 }],
  ['archived', { name: 'KMS.DisabledException', status: 400 }],
  ['config', { name: 'InvalidAccessKeyId', status: 403 }],
  ['config', { name: 'SignatureDoesNotMatch', status: 403 }],
  ['config', { name: 'ExpiredToken', status: 400 }],
  ['config', { name: 'CredentialsProviderError' }],
  ['config', { name: 'NoSuchBucket', status: 404 }],
  ['config', { name: 'PermanentRedirect', status: 301 }],
  ['config', { name: 'AuthorizationHeaderMalformed', status: 400 }],
  ['config', { name: 'UnknownError', status: 301 }],
  ['config', { name: 'UnknownError', status: 407 }],
  ['config', { name: 'SomethingNew', status: 400 }],
  ['config', { name: 'NotImplemented', status: 501 }],
  ['config', { message: 'Region is missing' }],
  ['config', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }],
  ['config', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
  ['retryable', { name: 'SlowDown', status: 503 }],
  ['retryable', { name: 'InternalError', status: 500 }],
  ['retryable', { name: 'SomethingNew', status: 502 }],
  ['retryable', { name: 'UnknownError', status: 429 }],
  ['retryable', { name: 'RequestTimeTooSkewed', status: 403 }],
  ['retryable', { name: 'RequestTimeout', status: 400 }],
  ['retryable', { name: 'TimeoutError' }],
  ['retryable', { name: 'TimeoutError', code: 'ECONNRESET' }],
  ['retryable', { code: 'ECONNREFUSED', message: '' }],
  ['retryable', { code: 'ENOTFOUND' }],
  ['retryable', { message: 'aborted' }],
  ['retryable', { name: 'SyntaxError', status: 200 }],
  ['unknown', { name: 'TypeError', message: 'x is not a function' }],
  ['unknown', { name: 'AbortError' }],
];

describe('what a failed AWS call means', () => {
  it.each(cases)('%s: %j', (kind, parts) => {
    expect(classify(failure(parts)).kind).toBe(kind);
  });

  it('accepts any thrown value', () => {
    for (const thrown of [undefined, null, 'text', 7, {}]) expect(classify(thrown).kind).toBe('unknown');
  });

  it('says how to fix it, and names the code once', () => {
    const reason = classify(failure({ name: 'AuthorizationHeaderMalformed', status: 400 })).reason;
    expect(reason).toBe('AuthorizationHeaderMalformed (said); set `region` to the bucket’s region');
  });

  it('keeps the delay the server asked for', () => {
    const headers = { 'retry-after': '7' };
    expect(classify(failure({ name: 'SlowDown', status: 503, headers })).retryAfterMs).toBe(7_000);
    const error = awsError(failure({ name: 'SlowDown', status: 503, headers }), 'get x');
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ message: 'get x: SlowDown (said)', retryAfterMs: 7_000 });
  });

  it('becomes a configuration error, or is passed on as it is for the caller to handle', () => {
    expect(awsError(failure({ name: 'AccessDenied', status: 403 }), 'get x')).toBeInstanceOf(ConfigError);
    const gone = failure({ name: 'NoSuchKey', status: 404 });
    expect(awsError(gone, 'get x')).toBe(gone);
    const bug = new TypeError('ours');
    expect(awsError(bug, 'get x')).toBe(bug);
  });
});
