import { createServer as createPlain, type Server } from 'node:http';
import { createServer as createSecure, request, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server as TcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError, RetryableError, UnavailableError } from '../../src/contracts/errors.ts';
import { faultOf } from '../../src/net/fault-of.ts';
import { answering, CALLER_NAMES, CALLERS, type Target } from './callers.ts';
import { type Authority, makeAuthority, type Pair } from './tls-servers.ts';

const LOOPBACK = 'DNS:localhost,IP:127.0.0.1';
const before = { ...process.env };
const servers: (Server | TcpServer)[] = [];
let authority: Authority;
let good: Pair;

beforeAll(() => {
  authority = makeAuthority();
  good = authority.issue('good', LOOPBACK);
});
afterAll(() => authority.remove());
beforeEach(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
});
afterEach(() => {
  process.env = { ...before };
  for (const server of servers.splice(0)) {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
});

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const secure = (pair: Pair, more: ServerOptions = {}) =>
  listen(createSecure({ ...pair, ...more }, answering()));

async function failureOf(name: string, target: Target): Promise<Error> {
  const caller = CALLERS[name];
  if (caller === undefined) throw new Error(name);
  return caller(target).then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as Error,
  );
}

const past = { from: '20200101000000Z', to: '20200102000000Z' };
const future = { from: '20400101000000Z', to: '20410101000000Z' };

/** Each TLS mistake: a server, and what the message must say. */
const WRONG: readonly (readonly [string, () => Promise<string>, RegExp])[] = [
  [
    'an expired certificate',
    async () => `https://127.0.0.1:${await secure(authority.issue('expired', LOOPBACK, past))}`,
    /has expired \(CERT_HAS_EXPIRED\); renew/,
  ],
  [
    'a certificate that is not valid yet',
    async () => `https://127.0.0.1:${await secure(authority.issue('future', LOOPBACK, future))}`,
    /not yet valid \(CERT_NOT_YET_VALID\); correct the clock/,
  ],
  [
    'a self-signed certificate',
    async () => `https://127.0.0.1:${await secure(authority.selfSigned(LOOPBACK))}`,
    /self-signed and not trusted .*`ca_file`/,
  ],
  [
    'a certificate for another host',
    async () => `https://127.0.0.1:${await secure(authority.issue('other', 'DNS:other.example'))}`,
    /for another host/,
  ],
  [
    'a required client certificate, with TLS 1.2',
    async () =>
      `https://127.0.0.1:${await secure(good, { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' })}`,
    /client certificate/,
  ],
  [
    'a required client certificate, with TLS 1.3',
    async () =>
      `https://127.0.0.1:${await secure(good, { requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' })}`,
    /client certificate, which this program does not send/,
  ],
  [
    'TLS 1.1 only',
    async () =>
      `https://127.0.0.1:${await secure(good, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })}`,
    /no version of TLS .*1\.2 or later/,
  ],
  [
    'https to a plain HTTP port',
    async () => `https://127.0.0.1:${await listen(createPlain(answering()))}`,
    /does not speak TLS on this port .*use http:\/\//,
  ],
  [
    'http to a TLS port',
    async () => `http://127.0.0.1:${await secure(good)}`,
    /speaks TLS on this port .*use https:\/\//,
  ],
  [
    'http to a TLS port that requires a client certificate',
    async () =>
      `http://127.0.0.1:${await secure(good, { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' })}`,
    /speaks TLS on this port/,
  ],
];

describe.each(WRONG)('%s', (_, serve, words) => {
  test.each(CALLER_NAMES)('stops %s and says how to fix it', async (name) => {
    const error = await failureOf(name, { url: await serve(), caFile: authority.caFile });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(words);
    expect(error.message).not.toMatch(/\n|:error:/);
  });
});

describe.each(CALLER_NAMES)('%s', (name) => {
  it('stops at a certificate from an unknown authority', async () => {
    const error = await failureOf(name, { url: `https://127.0.0.1:${await secure(good)}` });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('`ca_file`');
  });

  it('still verifies certificates when NODE_TLS_REJECT_UNAUTHORIZED is 0', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const error = await failureOf(name, { url: `https://127.0.0.1:${await secure(good)}` });
    expect(error).toBeInstanceOf(ConfigError);
  });

  it('succeeds with the right authority', async () => {
    const caller = CALLERS[name];
    await caller?.({ url: `https://127.0.0.1:${await secure(good)}`, caFile: authority.caFile });
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    ['nothing listens there', async () => 'http://127.0.0.1:1', /refused \(ECONNREFUSED\)/],
    ['the name is unknown', async () => 'http://nowhere.invalid:9', /ENOTFOUND|EAI_AGAIN/],
    [
      'the answer is not HTTP',
      async () =>
        `http://127.0.0.1:${await listen(createTcp((s) => s.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.9\r\n')))}`,
      /not HTTP/,
    ],
    [
      'the server hangs up',
      async () =>
        `http://127.0.0.1:${await listen(createTcp((s) => s.on('error', () => undefined).on('data', () => s.destroy())))}`,
      /ECONNRESET/,
    ],
  ])('waits while %s', async (_, serve, words) => {
    const error = await failureOf(name, { url: await serve(), timeoutMs: 2_000 });
    expect(error instanceof RetryableError || error instanceof UnavailableError).toBe(true);
    expect(error.message).toMatch(words);
  });
});

// AWS has its own timeouts of a minute, which is too long for a test.
test.each(['api', 'elasticsearch', 'splunk_hec'])('%s gives up on a silent server in time', async (name) => {
  const url = `http://127.0.0.1:${await listen(createTcp((socket) => void socket.on('error', () => undefined)))}`;
  const error = await failureOf(name, { url, timeoutMs: 200 });
  expect(error instanceof RetryableError || error instanceof UnavailableError).toBe(true);
});

it('recognizes a revoked certificate', async () => {
  const pair = authority.issue('revoked', LOOPBACK);
  const crl = authority.revoke('revoked');
  const port = await secure(pair);
  const { readFileSync } = await import('node:fs');
  const error = await new Promise((resolve) => {
    const ca = readFileSync(authority.caFile);
    request(`https://127.0.0.1:${port}`, { ca, crl }).on('error', resolve).end();
  });
  expect(faultOf(error)).toMatchObject({ whose: 'operator', code: 'CERT_REVOKED' });
});
