import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../src/contracts/errors.ts';
import { type HttpRequest, httpRequest, ReplyTooLargeError } from '../../src/net/http.ts';

async function against<T>(listener: RequestListener, run: (get: HttpRequest) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?q=hidden`);
  try {
    const signal = new AbortController().signal;
    return await run({
      url,
      headers: { authorization: 'hidden' },
      timeoutMs: 5_000,
      maxBytes: 1_000,
      signal,
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const failure = (listener: RequestListener, more: Partial<HttpRequest> = {}) =>
  against(listener, (get) =>
    httpRequest({ ...get, ...more }).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );

describe('httpRequest', () => {
  it('an address where nothing listens', async () => {
    const error = await failure(() => undefined, { url: new URL('http://127.0.0.1:1/path?q=hidden') });
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain('hidden');
  });

  it.each([
    ['no answer', () => undefined],
    ['an answer that stalls', (_, response) => void response.writeHead(200).write('{')],
  ] satisfies [string, RequestListener][])('%s times out', async (_, listener) => {
    const error = await failure(listener, { timeoutMs: 50 });
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toContain('50 ms');
  });

  it.each([
    ['on the wire', (_, response) => void response.end('x'.repeat(1_001))],
    [
      'once unpacked',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync('x'.repeat(100_000)));
      },
    ],
  ] satisfies [string, RequestListener][])('over the cap %s', async (_, listener) => {
    expect(await failure(listener)).toBeInstanceOf(ReplyTooLargeError);
  });

  it('throws the reason for an abort', async () => {
    const abort = new AbortController();
    const error = await failure(() => abort.abort(new Error('lease lost')), { signal: abort.signal });
    expect(String(error)).toBe('Error: lease lost');
  });

  it('returns every status as a reply, unpacked, and follows no redirect', async () => {
    const reply = await against((request, response) => {
      if (request.url !== '/path?q=hidden') return void response.writeHead(500).end();
      response.writeHead(307, { location: '/other', 'content-encoding': 'gzip' });
      response.end(gzipSync('{}'));
    }, httpRequest);
    expect([reply.status, reply.body.toString(), reply.headers.location]).toEqual([307, '{}', '/other']);
  });
});
