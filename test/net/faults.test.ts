import { errors } from '@elastic/elasticsearch';
import { describe, expect, it, test } from '@jest/globals';
import { exitCodeOf } from '../../src/account/exit.ts';
import { awsError } from '../../src/aws/errors.ts';
import { ConfigError, RetryableError } from '../../src/contracts/errors.ts';
import { faultError, faultOf } from '../../src/net/fault-of.ts';
import { FAULTS } from '../../src/net/faults.ts';
import { translate } from '../../src/sinks/elasticsearch/failures.ts';
import { classifyFailure } from '../../src/sinks/splunk-hec/classify.ts';

const live = new AbortController().signal;
const failure = (code: string, message = 'secret words of a library'): Error =>
  Object.assign(new Error(message), { code });

/** How each client reports it: an error for the run, or a retry. */
const judges: Readonly<Record<string, (error: Error) => unknown>> = {
  aws: (error) => awsError(error, 'get s3://bucket/key'),
  api: (error) => {
    const fault = faultOf(error);
    return fault === undefined ? error : faultError(fault, 'api.example', error);
  },
  elasticsearch: (error) =>
    translate(Object.assign(new errors.ConnectionError('x'), { cause: error }), 'bulk', live),
  splunk_hec: (error) => {
    const verdict = classifyFailure(error, true);
    const reason = 'reason' in verdict ? verdict.reason : '';
    return verdict.act === 'config' ? new ConfigError(reason) : new RetryableError(reason);
  },
};

describe.each(Object.entries(FAULTS))('%s', (code, { whose, what, fix }) => {
  test.each(Object.entries(judges))('to %s', (_, judge) => {
    const error = judge(failure(code));
    expect(error).toBeInstanceOf(whose === 'operator' ? ConfigError : RetryableError);
    const { message } = error as Error;
    expect(message).toContain(what);
    expect(message).toContain(code);
    expect(message).not.toMatch(/\n|secret words/);
    if (whose === 'operator') {
      expect(exitCodeOf(error, 0)).toBe(2);
      expect(fix).toBeDefined();
      expect(message).toContain(fix);
    }
  });
});

describe('a code is found', () => {
  const openssl = (reason: string): Error =>
    failure(
      'EPROTO',
      `write EPROTO 80FC:error:0A00:SSL routines:ssl3_read_bytes:${reason}:../x.c:1601:SSL\n`,
    );

  test.each<[string, string, Error]>([
    ['in EPROTO, from its text', 'ERR_SSL_WRONG_VERSION_NUMBER', openssl('wrong version number')],
    [
      'for an alert in the words of OpenSSL 3.0',
      'TLS_ALERT_HANDSHAKE_FAILURE',
      openssl('sslv3 alert handshake failure'),
    ],
    [
      'for an alert in the words of OpenSSL 3.5',
      'TLS_ALERT_HANDSHAKE_FAILURE',
      openssl('ssl/tls alert handshake failure'),
    ],
    [
      'for a TLS 1.3 alert',
      'TLS_ALERT_CERTIFICATE_REQUIRED',
      failure('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    ],
    ['in a cause', 'ECONNREFUSED', new Error('wrapped', { cause: failure('ECONNREFUSED') })],
    [
      'if several addresses failed',
      'ECONNREFUSED',
      Object.assign(new AggregateError([failure('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
    ],
    ['for a connection that just ended', 'ECONNRESET', new Error('socket hang up')],
  ])('%s', (_, code, error) => {
    expect(faultOf(error)?.code).toBe(code);
  });

  it('and an unknown code of a known family counts as an outage', () => {
    for (const code of ['ERR_SSL_SOMETHING_NEW', 'HPE_NEW', 'UND_ERR_NEW', 'EPROTO', 'EAI_NEW'])
      expect(faultOf(failure(code))).toMatchObject({ whose: 'world', code });
  });

  it('and our own bugs, and values that are not errors, are not network faults', () => {
    for (const error of [
      new TypeError('x is not a function'),
      failure('ERR_INVALID_ARG_TYPE'),
      'text',
      undefined,
    ])
      expect(faultOf(error)).toBeUndefined();
  });

  it('and a proxy is named', () => {
    const error = Object.assign(failure('ECONNREFUSED'), { proxy: 'http://proxy:3128' });
    expect(faultOf(error)?.reason).toContain('through the proxy http://proxy:3128');
  });
});
