import type { Server } from 'node:http';

/** A URL's host name as sockets take it: an IPv6 address without brackets. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Stops a server immediately; open connections are cut off. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
