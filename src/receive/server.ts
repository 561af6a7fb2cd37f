import http, { type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { ReceiveOptions } from '../config/receive.ts';
import type { Certificate } from './tls.ts';

/**
 * Longer than load balancers keep an idle connection (ALB: 60 s), so that they close it and never send into a
 * closed one.
 */
const KEEP_ALIVE_MS = 75_000;
const HEADER_BYTES = 16 * 2 ** 10;
const HEADERS = 100;

const STATUS_OF: Readonly<Record<string, 408 | 431>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

export interface ServerSetup {
  readonly options: Pick<ReceiveOptions, 'header_timeout' | 'body_timeout' | 'connection_concurrency'>;
  readonly certificate: Certificate | undefined;
  /** A request whose sender waits to be asked for the body comes with `invite`. */
  readonly answer: (...args: [...Parameters<RequestListener>, invite?: () => void]) => void;
  /** Called for answers to requests that could not be read. */
  readonly refused: (status: number) => void;
  readonly dropped: () => void;
}

/**
 * Node's own server: its parser is strict (two readers never split a request differently), and the necessary bounds
 * (head, time, connections) are options of it. Only completely parsed requests are served.
 */
export function createReceiver(setup: ServerSetup): Server {
  const { options, certificate, answer, refused, dropped } = setup;
  const { header_timeout: headMs, body_timeout: bodyMs } = options;
  const bounds: ServerOptions = {
    insecureHTTPParser: false,
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: headMs,
    requestTimeout: Math.max(headMs, bodyMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(1_000, headMs),
  };
  const server =
    certificate === undefined
      ? http.createServer(bounds)
      : https.createServer({ ...bounds, ...certificate.context, handshakeTimeout: headMs });
  server.maxHeadersCount = HEADERS;
  server.maxConnections = options.connection_concurrency;
  /** Answers that a connection still owes, oldest first. */
  const owed = new WeakMap<Socket, ServerResponse[]>();
  const take =
    (invites: boolean): RequestListener =>
    (request, response) => {
      const { socket } = request;
      const open = owed.get(socket) ?? [];
      owed.set(socket, open);
      open.push(response);
      response.once('close', () => void open.splice(open.indexOf(response), 1));
      if (invites) answer(request, response, () => response.writeContinue());
      else answer(request, response);
    };
  server.on('request', take(false));
  server.on('checkContinue', take(true));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = STATUS_OF[error.code ?? ''] ?? 400;
    const connection = socket as Socket;
    const [current, ...more] = owed.get(connection) ?? [];
    if (error.code === 'ECONNRESET' || !connection.writable) connection.destroy();
    else if (current === undefined) {
      refused(status);
      connection.end(
        `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    } else if (more.length === 0 && !current.req.complete && !current.headersSent)
      // The body of this very request cannot be read.
      current.writeHead(status, { connection: 'close', 'content-length': 0 }).end();
    // An answer written while another is owed would be taken for that one.
    else connection.destroy();
    connection.destroySoon();
  });
  server.on('drop', dropped);
  // Before Node passes it on as a `clientError`: a connection without a finished handshake cannot be answered or ended.
  server.prependListener('tlsClientError', (_, socket: Socket) => {
    dropped();
    socket.destroy();
  });
  // Tunnels are not served; without a listener, Node closes them silently.
  server.on('connect', (_, socket) => socket.destroy());
  return server;
}
