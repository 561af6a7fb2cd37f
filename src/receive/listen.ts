import type { AddressInfo, Server } from 'node:net';
import { ConfigError } from '../contracts/errors.ts';
import { bare } from '../net/listening.ts';

/** The first socket passed by systemd. */
const SYSTEMD_FD = 3;

/** Whether systemd passed a socket to this very process (sd_listen_fds). */
export function hasSystemdSocket(env: NodeJS.ProcessEnv, pid = process.pid): boolean {
  return env['LISTEN_PID'] === String(pid) && Number(env['LISTEN_FDS']) >= 1;
}

/**
 * Starts to listen and returns the address. Throws `ConfigError`, naming the key, if it cannot listen on that
 * address.
 */
export async function listenOn(
  server: Server,
  key: string,
  listen: string,
  systemd = false,
): Promise<string> {
  const { hostname, port } = new URL(`tcp://${listen}`);
  const place = systemd ? { fd: SYSTEMD_FD } : { host: bare(hostname), port: Number(port) };
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(
        new ConfigError(`${key}: cannot listen on ${listen} (${error.code ?? error.message})`, {
          cause: error,
        }),
      );
    server.once('error', fail).listen(place, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address() as AddressInfo | null;
  if (address === null || typeof address === 'string') return listen;
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}
