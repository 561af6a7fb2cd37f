import { createServer, type Server, type ServerResponse } from 'node:http';

export interface StatusPages {
  /** Undefined if requests can be stored, otherwise the reason. */
  readonly trouble: () => Promise<string | undefined>;
  /** All metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

/** `/healthz`: the process answers. `/readyz`: it can store. `/metrics`. For operators, not for senders. */
export function createStatusServer({ trouble, metrics }: StatusPages): Server {
  const pages: Readonly<Record<string, () => Promise<[status: number, text: string]>>> = {
    '/healthz': async () => [200, 'ok\n'],
    async '/readyz'() {
      const why = await trouble();
      return why === undefined ? [200, 'ready\n'] : [503, `not ready: ${why}\n`];
    },
    '/metrics': async () => [200, await metrics()],
  };
  return createServer(
    { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      const path = request.url?.split('?', 1)[0] ?? '';
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
      request.resume();
      if (page === undefined) send(response, 404, 'see /healthz, /readyz and /metrics\n');
      else if (request.method !== 'GET' && request.method !== 'HEAD')
        send(response, 405, 'use GET\n', { allow: 'GET, HEAD' });
      else
        page().then(
          ([status, text]) => send(response, status, text),
          () => send(response, 500, 'this page could not be created\n'),
        );
    },
  );
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  more: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...more })
    .end(text);
}
