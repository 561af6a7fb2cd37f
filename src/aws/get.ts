import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import type { Agents } from '../net/agents.ts';
import { bare } from '../net/listening.ts';
import { createDeadlines } from './deadlines.ts';
import type { Timeouts } from './timeouts.ts';

/** A signed GET. */
export interface GetRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Resolves when the head of the reply has arrived. Throws the reason of the signal, a `TimeoutError`, or Node's own
 * error.
 */
export type SendGet = (request: GetRequest, signal: AbortSignal) => Promise<IncomingMessage>;

/** A request whose reply has not begun. */
interface Call {
  readonly request: ClientRequest;
  readonly end: (error: unknown) => void;
}

/**
 * GETs on Node's own client. The SDK's handler sets five timers and five listeners for each request, and copies its
 * headers; here, all requests share their timers, and those of one signal share a listener.
 */
export function createSendGet(
  agents: Pick<Agents, 'http' | 'https'>,
  { connectMs, replyMs }: Omit<Timeouts, 'idleMs'>,
  watch: (body: Readable) => void,
): SendGet {
  const late = (call: Call, what: string): void =>
    call.end(Object.assign(new Error(what), { name: 'TimeoutError', code: 'ETIMEDOUT' }));
  const connects = createDeadlines<Call>(connectMs, (call) => {
    if (call.request.socket?.connecting !== false) late(call, `no connection in ${connectMs} ms`);
  });
  const replies = createDeadlines<Call>(replyMs, (call) => late(call, `no reply in ${replyMs} ms`));
  const callsUntil = createCallSets();

  return (get, signal) => {
    const calls = callsUntil(signal);
    return new Promise<IncomingMessage>((resolve, reject) => {
      signal.throwIfAborted();
      const { protocol, hostname, port, path, headers } = get;
      const secure = protocol === 'https:';
      const request = (secure ? https : http).request({
        agent: secure ? agents.https : agents.http,
        host: bare(hostname),
        port,
        path,
        headers,
      });
      const forget = (): void => {
        connects.ended(call);
        replies.ended(call);
        calls.delete(call);
      };
      // A request that still waits for a socket emits nothing when it is destroyed, so `destroy` alone is not enough.
      const end = (error: unknown): void => {
        forget();
        reject(error);
        request.destroy();
      };
      const call: Call = { request, end };
      let answered = false;
      request.on('response', (reply) => {
        answered = true;
        forget();
        watch(reply);
        resolve(reply);
      });
      request.on('error', end);
      // An unexpected `101 Switching Protocols` is neither a response nor an error to Node.
      request.on('close', () => {
        if (!answered) end(Object.assign(new Error('closed without a reply'), { code: 'ECONNRESET' }));
      });
      calls.add(call);
      connects.add(call);
      replies.add(call);
      request.end();
    });
  };
}

/** The open requests of each signal. All of them end with it. */
function createCallSets(): (signal: AbortSignal) => Set<Call> {
  const sets = new WeakMap<AbortSignal, Set<Call>>();
  return (signal) => {
    const known = sets.get(signal);
    if (known !== undefined) return known;
    const calls = new Set<Call>();
    sets.set(signal, calls);
    const abort = (): void => {
      for (const call of calls) call.end(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return calls;
  };
}
