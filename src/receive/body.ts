import type { IncomingMessage } from 'node:http';

/** Bytes of bodies in memory, for all requests together. */
export interface Budget {
  /** False if there is no room for this many more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export function createBudget(most: number): Budget {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > most) return false;
      taken += bytes;
      return true;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

const NO_ROOM = 'too many bodies are in memory (receive.pending_bytes)';

export type Body =
  | { readonly is: 'whole'; readonly bytes: Buffer; readonly done: () => void }
  | { readonly is: 'refused'; readonly status: 413 | 499 | 503; readonly reason?: string };

/**
 * The body of a request, within bounds; beyond them, the rest is not kept. `done` returns its share of the budget.
 */
export function readBody(request: IncomingMessage, most: number, budget: Budget): Promise<Body> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0);
    let length = 0;
    const done = (): void => budget.give(length);
    const settle = (body: Body): void => {
      request.off('data', onData).off('end', onEnd).off('error', onBreak).off('close', onBreak);
      // Without a listener, an error of a connection that breaks later would end the process.
      request.on('error', () => undefined);
      if (body.is !== 'whole') done();
      resolve(body);
    };
    const onData = (piece: Buffer): void => {
      if (length + piece.length > most) settle({ is: 'refused', status: 413 });
      else if (!budget.take(piece.length)) settle({ is: 'refused', status: 503, reason: NO_ROOM });
      else {
        held = appended(held, length, piece);
        length += piece.length;
      }
    };
    const onEnd = (): void => settle({ is: 'whole', bytes: held.subarray(0, length), done });
    const onBreak = (): void => settle({ is: 'refused', status: 499 });
    request.on('data', onData).on('end', onEnd).on('error', onBreak).on('close', onBreak);
  });
}

/** Copies, since a kept piece costs a hundred bytes and more, and a sender may send pieces of one byte. */
function appended(held: Buffer<ArrayBuffer>, length: number, piece: Buffer): Buffer<ArrayBuffer> {
  const needed = length + piece.length;
  let room = held;
  if (needed > held.length) {
    room = Buffer.allocUnsafe(length === 0 ? needed : Math.max(needed, 2 * held.length));
    held.copy(room, 0, 0, length);
  }
  piece.copy(room, length);
  return room;
}
