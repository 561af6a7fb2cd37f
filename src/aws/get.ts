import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import type { Agents } from '../net/agents.ts';
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

/** Resolves when the head of the reply has arrived. Throws Node's error, or a `TimeoutError`, as the SDK's handler does. */
export type SendGet = (request: GetRequest, signal: AbortSignal) => Promise<IncomingMessage>;

/**
 * GETs on Node's own client. The SDK's handler sets four timers and five listeners for each request, and copies its
 * headers; here, all requests share their timers, and those of one signal share a listener.
 */
export function createSendGet(
  agents: Pick<Agents, 'http' | 'https'>,
  { connectMs, replyMs }: Omit<Timeouts, 'idleMs'>,
  watch: (body: Readable) => void,
): SendGet {
  const late = (call: ClientRequest, what: string): void => {
    call.destroy(Object.assign(new Error(what), { name: 'TimeoutError' }));
  };
  const connects = createDeadlines<ClientRequest>(connectMs, (call) => {
    if (call.socket?.connecting !== false) late(call, `no connection in ${connectMs} ms`);
  });
  const replies = createDeadlines<ClientRequest>(replyMs, (call) => late(call, `no reply in ${replyMs} ms`));
  const callsUntil = createCallSets();

  return (request, signal) => {
    const calls = callsUntil(signal);
    return new Promise<IncomingMessage>((resolve, reject) => {
      signal.throwIfAborted();
      const { protocol, hostname, port, path, headers } = request;
      const secure = protocol === 'https:';
      const call = (secure ? https : http).request({
        agent: secure ? agents.https : agents.http,
        host: hostname.replace(/^\[|\]$/g, ''),
        port,
        path,
        headers,
      });
      const ended = (): void => {
        connects.ended(call);
        replies.ended(call);
        calls.delete(call);
      };
      call.on('response', (reply) => {
        ended();
        watch(reply);
        resolve(reply);
      });
      call.on('error', (error) => {
        ended();
        reject(error);
      });
      calls.add(call);
      connects.add(call);
      replies.add(call);
      call.end();
    });
  };
}

/** The open requests of each signal. All of them end with it. */
function createCallSets(): (signal: AbortSignal) => Set<ClientRequest> {
  const sets = new WeakMap<AbortSignal, Set<ClientRequest>>();
  return (signal) => {
    const known = sets.get(signal);
    if (known !== undefined) return known;
    const calls = new Set<ClientRequest>();
    sets.set(signal, calls);
    const abort = (): void => {
      for (const call of calls) call.destroy(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    };
    signal.addEventListener('abort', abort, { once: true });
    return calls;
  };
}
