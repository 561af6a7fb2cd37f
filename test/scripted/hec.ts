import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { listen } from './listen.ts';

export interface HecRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The uids of the envelopes, in order; empty for other requests. */
  readonly uids: readonly string[];
}

/** `cut` closes the socket without a reply, `hang` never answers. */
export type HecAnswer =
  | 'cut'
  | 'hang'
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown };

export interface ScriptedHec {
  readonly url: string;
  /** Event requests, in order of arrival. */
  readonly events: HecRequest[];
  readonly others: HecRequest[];
  readonly close: () => Promise<void>;
}

export const SUCCESS: HecAnswer = { body: { text: 'Success', code: 0 } };

export function refusal(status: number, code: number, more: Record<string, unknown> = {}): HecAnswer {
  return { status, body: { text: `code ${code}`, code, ...more } };
}

function uidsOf(text: string): string[] {
  return [...text.matchAll(/"fields":\{"uid":"([^"]*)"/g)].map((match) => match[1] ?? '');
}

async function reply(
  socket: Socket,
  response: http.ServerResponse,
  answer: HecAnswer | Promise<HecAnswer>,
): Promise<void> {
  const told = await answer;
  if (told === 'hang') return;
  if (told === 'cut') {
    socket.destroy();
    return;
  }
  const body = typeof told.body === 'string' ? told.body : JSON.stringify(told.body ?? {});
  response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers });
  response.end(body);
}

/** A scripted receiver on loopback; with a certificate it speaks TLS. */
export async function scriptHec(
  answer: (request: HecRequest) => HecAnswer | Promise<HecAnswer>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<ScriptedHec> {
  const events: HecRequest[] = [];
  const others: HecRequest[] = [];
  const onRequest: http.RequestListener = (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const raw = Buffer.concat(chunks);
      const text = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
      const path = incoming.url ?? '';
      const request = {
        method: incoming.method ?? '',
        path,
        headers: incoming.headers,
        text,
        uids: uidsOf(text),
      };
      (path.endsWith('/services/collector/event') ? events : others).push(request);
      void reply(incoming.socket, response, answer(request));
    });
  };
  const server = tls === undefined ? http.createServer(onRequest) : https.createServer(tls, onRequest);
  const port = await listen(server);
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    events,
    others,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
