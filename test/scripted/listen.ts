import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Listens on a free port of this machine and returns it. Idle connections stay open: by default Node closes one after
 * five seconds, which on a busy machine can break a request on its way.
 */
export async function listen(server: Server): Promise<number> {
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
