import type { Readable } from 'node:stream';

/** A reply of which less than this comes in a whole period is not coming. */
const LEAST_BYTES = 4 * 2 ** 10;
/** Replies looked after before those that have ended are looked for. */
const FEW = 256;

interface Watched {
  readonly body: Readable & { readonly socket?: { readonly bytesRead: number } | null };
  /** What its socket had read when it was last looked at. */
  bytes: number;
}

/**
 * Looks after replies whose body is under way: a socket that is silent times out, but one that brings a byte now and
 * then never does. One timer for all: a timer or a listener for each costs more than reading a small object.
 */
export function watchFlow(periodMs: number): (body: Readable) => void {
  const watched = new Set<Watched>();
  let many = FEW;
  let timer: NodeJS.Timeout | undefined;

  /** Lets go of what has ended: with its socket it weighs 15 kB, and a period sees tens of thousands. */
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
      // Full: it waits for its reader, not for the server.
      if (body.readableLength < body.readableHighWaterMark && came < LEAST_BYTES) {
        watched.delete(one);
        const error = new Error(`of the reply, ${came} bytes came in ${periodMs} ms`);
        body.destroy(Object.assign(error, { code: 'REPLY_TIMEOUT' }));
      }
    }
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return (body: Watched['body']) => {
    if (watched.size >= many) sweep();
    watched.add({ body, bytes: body.socket?.bytesRead ?? 0 });
    timer ??= setInterval(look, periodMs).unref();
  };
}
