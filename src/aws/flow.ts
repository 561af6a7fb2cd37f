import type { Readable } from 'node:stream';

/** A reply of which less than this comes in a whole period is not coming. */
const LEAST_BYTES = 4 * 2 ** 10;

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
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    for (const one of watched) {
      const { body } = one;
      const { bytesRead } = body.socket ?? { bytesRead: one.bytes };
      const came = bytesRead - one.bytes;
      one.bytes = bytesRead;
      if (body.destroyed || body.readableEnded) watched.delete(one);
      // Full: it waits for its reader, not for the server.
      else if (body.readableLength < body.readableHighWaterMark && came < LEAST_BYTES) {
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
    watched.add({ body, bytes: body.socket?.bytesRead ?? 0 });
    timer ??= setInterval(look, periodMs).unref();
  };
}
