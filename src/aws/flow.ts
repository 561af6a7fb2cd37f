import type { Readable } from 'node:stream';
import type { Timeouts } from './timeouts.ts';

/** A reply that brings less than this in a whole period is given up. */
const LEAST_BYTES = 4 * 2 ** 10;
/** Up to this many watched replies, ended ones are not looked for. */
const FEW = 256;

interface Watched {
  readonly body: Readable & {
    readonly socket?: { readonly bytesRead: number } | null;
    readonly complete?: boolean;
  };
  /** How much its socket had read at the last check. */
  bytes: number;
  /** Since after the last check: its first period is not over at the next. */
  isNew: boolean;
  /** For how long its buffer has been full, and nothing more was taken from the socket. */
  unreadMs: number;
}

/**
 * Watches replies whose body is being received: a silent socket times out, but one that brings a byte now and then
 * never does. Also closes those that nobody reads. A single timer for all: a timer or a listener for each costs more
 * than reading a small object.
 */
export function watchFlow({ replyMs, idleMs }: Omit<Timeouts, 'connectMs'>): (body: Readable) => void {
  const watched = new Set<Watched>();
  let many = FEW;
  let timer: NodeJS.Timeout | undefined;

  /** Releases ended replies: with its socket, each takes 15 kB, and a period sees tens of thousands. */
  const sweep = (): void => {
    for (const one of watched) if (one.body.destroyed || one.body.readableEnded) watched.delete(one);
    many = Math.max(FEW, 2 * watched.size);
  };

  const look = (): void => {
    sweep();
    for (const one of watched) {
      const { body } = one;
      const { bytesRead } = body.socket ?? { bytesRead: one.bytes };
      const came = bytesRead - one.bytes;
      one.bytes = bytesRead;
      if (one.isNew) {
        one.isNew = false;
        continue;
      }
      // It waits for its reader, not for the server.
      if (body.complete === true || body.readableLength >= body.readableHighWaterMark) {
        one.unreadMs = came === 0 ? one.unreadMs + replyMs : 0;
        if (one.unreadMs < idleMs) continue;
        watched.delete(one);
        body.destroy(new Error(`the reply was not read for ${one.unreadMs} ms`));
        continue;
      }
      one.unreadMs = 0;
      if (came >= LEAST_BYTES) continue;
      watched.delete(one);
      const error = new Error(`only ${came} bytes of the reply arrived in ${replyMs} ms`);
      body.destroy(Object.assign(error, { code: 'REPLY_TIMEOUT' }));
    }
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return (body: Watched['body']) => {
    if (watched.size >= many) sweep();
    watched.add({ body, bytes: body.socket?.bytesRead ?? 0, isNew: true, unreadMs: 0 });
    timer ??= setInterval(look, replyMs).unref();
  };
}
