import { createServer as createPlain, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { ConfigError, RetryableError, UnavailableError } from '../../src/contracts/errors.ts';
import { answering, CALLER_NAMES, CALLERS, type Target } from './callers.ts';
import { type LittleProxy, littleProxy } from './little-proxy.ts';
import { type Authority, makeAuthority } from './tls-servers.ts';

const HOST = 'target.invalid';
const before = { ...process.env };
const servers: Server[] = [];
let authority: Authority;
let proxy: LittleProxy;
let secureProxy: LittleProxy;
let plainPort: number;
let securePort: number;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  authority = makeAuthority();
  plainPort = await listen(createPlain(answering()));
  securePort = await listen(createSecure(authority.issue('target', `DNS:${HOST}`), answering()) as Server);
});
afterAll(() => {
  authority.remove();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});
beforeEach(async () => {
  proxy = await littleProxy();
  secureProxy = await littleProxy(authority.issue('proxy', 'IP:127.0.0.1'));
  process.env = { ...before, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ALL_PROXY: proxy.url };
});
afterEach(async () => {
  process.env = { ...before };
  await Promise.all([proxy.close(), secureProxy.close()]);
});

const call = async (name: string, target: Target): Promise<void> => CALLERS[name]?.(target);
const failureOf = (name: string, target: Target): Promise<Error> =>
  call(name, target).then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as Error,
  );
const plain = (): Target => ({ url: `http://${HOST}:${plainPort}` });
const secure = (): Target => ({ url: `https://${HOST}:${securePort}`, caFile: authority.caFile });

describe.each(CALLER_NAMES)('%s', (name) => {
  it('sends every request on a kept-alive socket to a proxy in absolute form', async () => {
    await call(name, { ...plain(), times: 15 });
    expect(proxy.asked).toHaveLength(15);
    for (const line of proxy.asked) expect(line).toContain(` http://${HOST}:${plainPort}/`);
    // The agent keeps its sockets.
    expect(proxy.connections).toBe(1);
  });

  it('tunnels TLS, and reuses the tunnel', async () => {
    await call(name, { ...secure(), times: 15 });
    expect(proxy.asked).toEqual([`CONNECT ${HOST}:${securePort}`]);
  });

  it('works through a proxy named without a scheme, with credentials', async () => {
    process.env.ALL_PROXY = proxy.url.replace('http://', 'user:p%40ss@');
    await call(name, plain());
    await call(name, secure());
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(proxy.authorizations).toEqual([basic, basic]);
  });

  it('works through a proxy that is reached over https, with ca_file', async () => {
    process.env.ALL_PROXY = secureProxy.url;
    await call(name, { ...plain(), caFile: authority.caFile, times: 3 });
    await call(name, { ...secure(), times: 3 });
    expect(secureProxy.asked).toHaveLength(4);
  });

  it('does not trust a proxy with a certificate from an unknown authority', async () => {
    process.env.ALL_PROXY = secureProxy.url;
    const error = await failureOf(name, plain());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('`ca_file`');
    expect(secureProxy.asked).toEqual([]);
  });

  it('bypasses the proxy for hosts in NO_PROXY', async () => {
    process.env.NO_PROXY = '127.0.0.0/8';
    await call(name, { url: `http://127.0.0.1:${plainPort}` });
    expect(proxy.asked).toEqual([]);
  });

  it('stops at a proxy that wants credentials, for either scheme, and prints none', async () => {
    proxy.refusal = 407;
    process.env.ALL_PROXY = proxy.url.replace('://', '://user:hidden@');
    for (const target of [plain(), secure()]) {
      const error = await failureOf(name, target);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toContain('credentials');
      expect(error.message).not.toMatch(/hidden|\n/);
    }
  });

  it('stops at a proxy that forbids the tunnel, and names it', async () => {
    proxy.refusal = 403;
    const error = await failureOf(name, secure());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(`through the proxy ${proxy.url}`);
    expect(error.message).toContain('NO_PROXY');
  });

  test.each([502, 503])('waits for a proxy that answers %s', async (status) => {
    proxy.refusal = status;
    for (const target of [plain(), secure()]) {
      const error = await failureOf(name, target);
      expect(error instanceof RetryableError || error instanceof UnavailableError).toBe(true);
    }
  });

  it('waits for an unreachable proxy, and names it', async () => {
    process.env.ALL_PROXY = 'http://user:hidden@127.0.0.1:1';
    for (const target of [plain(), secure()]) {
      const error = await failureOf(name, target);
      expect(error instanceof RetryableError || error instanceof UnavailableError).toBe(true);
      expect(error.message).toContain('through the proxy http://127.0.0.1:1: ');
      expect(error.message).not.toContain('hidden');
    }
  });

  it('stops if a variable does not name a proxy', async () => {
    process.env.ALL_PROXY = 'ftp://user:hidden@proxy';
    const error = await failureOf(name, plain());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(/^ALL_PROXY: /);
    expect(error.message).not.toContain('hidden');
  });
});

test('a tunnel that does not open ends together with its request', async () => {
  const closed: Promise<void>[] = [];
  const silent = createTcp((socket) => {
    socket.on('error', () => undefined);
    closed.push(new Promise((resolve) => void socket.resume().on('close', () => resolve())));
  });
  const port = await listen(silent as unknown as Server).catch(() => 0);
  servers.pop();
  process.env.ALL_PROXY = `http://127.0.0.1:${port}`;
  const error = await failureOf('api', { ...secure(), timeoutMs: 100 });
  expect(error instanceof RetryableError || error instanceof UnavailableError).toBe(true);
  await Promise.all(closed);
  expect(closed).toHaveLength(1);
  silent.close();
});
