import { once } from 'node:events';
import http, { createServer, type Server } from 'node:http';
import https from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { watchFlow } from '../../src/aws/flow.ts';
import { createSendGet, type GetRequest } from '../../src/aws/get.ts';
import { createAgents } from '../../src/net/agents.ts';

const LONG = { connectMs: 60_000, replyMs: 60_000, idleMs: 60_000 };
const never = new AbortController().signal;
const agents = createAgents();
const servers: Server[] = [];
afterEach(() => {
  agents.http.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  handle: (request: http.IncomingMessage, reply: http.ServerResponse) => void,
  host = '127.0.0.1',
): Promise<{ request: GetRequest; connections: () => number }> {
  let connections = 0;
  const server = createServer(handle).on('connection', () => {
    connections += 1;
  });
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const hostname = host.includes(':') ? `[${host}]` : host;
  const request = { protocol: 'http:', hostname, port, path: '/b/k?x-id=GetObject', headers: { 'x-a': 'b' } };
  return { request, connections: () => connections };
}

it('sends path and headers as they are, and uses a socket again', async () => {
  const seen: unknown[] = [];
  const { request, connections } = await serve(({ method, url, headers }, reply) => {
    seen.push([method, url, headers['x-a']]);
    reply.end('body');
  });
  const get = createSendGet(agents, LONG, () => undefined);
  for (let count = 0; count < 5; count += 1) {
    const reply = await get(request, never);
    expect((await reply.toArray()).join('')).toBe('body');
  }
  expect(seen).toEqual(Array.from({ length: 5 }, () => ['GET', '/b/k?x-id=GetObject', 'b']));
  expect(connections()).toBe(1);
});

it('reaches an address of IPv6', async () => {
  const { request } = await serve((_, reply) => reply.end('six'), '::1');
  const reply = await createSendGet(agents, LONG, () => undefined)(request, never);
  expect((await reply.toArray()).join('')).toBe('six');
});

it('gives up a connection that is never established, but not one that waits for a reply', async () => {
  const silent = await serve(() => undefined);
  const agent = new http.Agent();
  Object.assign(agent, { createConnection: () => Object.assign(new Socket(), { connecting: true }) });
  const timeouts = { connectMs: 50, replyMs: 400 };
  const hangs = createSendGet({ http: agent, https: new https.Agent() }, timeouts, () => undefined);
  const waits = createSendGet(agents, timeouts, () => undefined);
  const ends = await Promise.allSettled([hangs(silent.request, never), waits(silent.request, never)]);
  expect(ends.map((end) => end.status === 'rejected' && String(end.reason))).toEqual([
    'TimeoutError: no connection in 50 ms',
    'TimeoutError: no reply in 400 ms',
  ]);
});

it('gives up, or ends, a request that still waits for a socket', async () => {
  const { request } = await serve(() => undefined);
  const one = { http: new http.Agent({ keepAlive: true, maxSockets: 1 }), https: new https.Agent() };
  const get = createSendGet(one, { connectMs: 60_000, replyMs: 300 }, () => undefined);
  const stop = new AbortController();
  const first = get(request, never).catch(String);
  const queued = get(request, never).catch(String);
  const stopped = get(request, stop.signal).catch(String);
  stop.abort('stopped');
  expect(await stopped).toBe('stopped');
  expect([await first, await queued]).toEqual(
    Array.from({ length: 2 }, () => 'TimeoutError: no reply in 300 ms'),
  );
  one.http.destroy();
});

it('ends a request whose server switches to another protocol', async () => {
  const { request } = await serve((_, reply) => {
    reply.socket?.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
  });
  const ended = createSendGet(agents, LONG, () => undefined)(request, never);
  await expect(ended).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('ends all requests of a signal, and only those, with one listener', async () => {
  const asked: unknown[] = [];
  const { request } = await serve((incoming) => void asked.push(incoming.url));
  const get = createSendGet(agents, { connectMs: 60_000, replyMs: 3_000 }, () => undefined);
  const stop = new AbortController();
  let listeners = 0;
  const add = stop.signal.addEventListener.bind(stop.signal);
  stop.signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  const ended = Promise.allSettled(Array.from({ length: 20 }, () => get(request, stop.signal)));
  const other = get(request, never).catch(String);
  while (asked.length < 21) await sleep(5);
  stop.abort(new Error('stopped'));
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
  expect(listeners).toBe(1);
  await expect(get(request, stop.signal)).rejects.toThrow('stopped');
  expect(await other).toBe('TimeoutError: no reply in 3000 ms');
});

it('leaves each reply its whole period, and one that is complete to its reader', async () => {
  const { request } = await serve((_, reply) => {
    reply.writeHead(200, { 'content-length': 8 });
    reply.write('half');
    setTimeout(() => reply.end('half'), 60);
  });
  const get = createSendGet(agents, LONG, watchFlow({ replyMs: 100, idleMs: 60_000 }));
  const readOne = async (afterMs: number): Promise<string> => {
    await sleep(afterMs);
    return (await (await get(request, never)).toArray()).join('');
  };
  const all = await Promise.all(Array.from({ length: 12 }, (_, at) => readOne(at * 25)));
  expect(new Set(all)).toEqual(new Set(['halfhalf']));
  const waiting = await get(request, never);
  await sleep(500);
  expect((await waiting.toArray()).join('')).toBe('halfhalf');
});

it('closes a reply that nobody reads, but not while its reader is only slow', async () => {
  const { request } = await serve((_, reply) => void reply.end(Buffer.alloc(2 ** 24)));
  const watch = watchFlow({ replyMs: 60, idleMs: 300 });
  const get = createSendGet(agents, LONG, watch);
  const unread = await get(request, never);
  const began = performance.now();
  const [error] = (await once(unread, 'error')) as [Error];
  expect(error.message).toMatch(/^the reply was not read for \d+ ms$/);
  expect(performance.now() - began).toBeGreaterThan(240);

  const slow = await get(request, never);
  let bytes = 0;
  for await (const piece of slow) {
    if (bytes < 2 ** 20) await sleep(60);
    bytes += (piece as Buffer).length;
  }
  expect(bytes).toBe(2 ** 24);
});
