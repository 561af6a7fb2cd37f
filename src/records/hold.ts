/**
 * Bytes that wait for more, so that whoever takes pieces apart need not care where they end. A thing that comes in many
 * pieces costs linear time. No byte that was given away is ever written again: records point to it.
 */
export interface Hold {
  /**
   * Gives a piece to `use`, behind what is held. It returns the index from which on it needs the bytes again: these are
   * held. It may be given the piece in parts.
   */
  feed(piece: Buffer, use: (bytes: Buffer) => number): void;
  /** What is held. */
  rest(): Buffer;
}

/** So much of a piece is copied behind what is held, and twice as much each time that is not enough. */
const BRIDGE = 4_096;

export function createHold(): Hold {
  let store = NOTHING;
  let held = 0;

  const reserve = (size: number): void => {
    if (size <= store.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(size, store.length * 2));
    store.copy(bigger, 0, 0, held);
    store = bigger;
  };

  const append = (piece: Buffer, from: number, to: number): Buffer => {
    reserve(held + to - from);
    piece.copy(store, held, from, to);
    held += to - from;
    return store.subarray(0, held);
  };

  const keep = (bytes: Buffer, from: number): void => {
    // Nothing of what is held was used: it stays where it is.
    if (from === 0 && bytes.buffer === store.buffer) return;
    held = 0;
    store = NOTHING;
    if (from < bytes.length) append(bytes, from, bytes.length);
  };

  return {
    feed(piece, use) {
      let at = 0;
      let left = held;
      for (let more = BRIDGE; left > at && at < piece.length; more *= 2) {
        const to = Math.min(at + more, piece.length);
        const bytes = append(piece, at, to);
        at = to;
        const from = use(bytes);
        left = bytes.length - from;
        keep(bytes, left > at ? from : bytes.length);
      }
      // Otherwise all that is left lies in the piece, too: it goes on there, without a copy.
      if (left > at || at - left === piece.length) return;
      const bytes = piece.subarray(at - left);
      keep(bytes, use(bytes));
    },
    rest: () => store.subarray(0, held),
  };
}

const NOTHING = Buffer.alloc(0);
