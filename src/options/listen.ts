import * as z from 'zod';

/** `host:port`; an IPv6 address goes in brackets. */
const LISTEN = /^(?:\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})$/;

/** Where to listen. Port 0 means any free port. */
export const listenAddress = z.string().refine((text) => Number(LISTEN.exec(text)?.[1] ?? 65_536) < 65_536, {
  error: 'expected an address and a port, such as 127.0.0.1:9464',
});
