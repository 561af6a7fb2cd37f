import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** How a server that accepts connections keeps its clients waiting. */
export const SILENCES = ['says nothing', 'sends headers only', 'sends a byte now and then'] as const;
export type Silence = (typeof SILENCES)[number];

const HEAD = 'HTTP/1.1 200 OK\r\ndate: Sun, 01 Mar 2026 00:00:00 GMT\r\ncontent-length: 100000\r\n\r\n';

export interface SilentServer {
  readonly url: string;
  /** Requests so far. */
  readonly requests: number;
  /** Called for each request. */
  asked: () => void;
  close(): Promise<void>;
}

/** A server that never finishes a reply, and pauses `everyMs` between bytes. */
export async function silentServer(silence: Silence, everyMs: number): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let timer: NodeJS.Timeout | undefined;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      clearInterval(timer);
    });
    socket.once('data', () => {
      requests += 1;
      self.asked();
      if (silence === 'says nothing') return;
      socket.write(HEAD);
      if (silence === 'sends a byte now and then') timer = setInterval(() => socket.write(' '), everyMs);
    });
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const self = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    asked: () => undefined as void,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
  return self;
}
