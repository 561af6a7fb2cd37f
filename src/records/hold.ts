/**
 * Holds bytes until more arrive, so that the code that parses pieces does not have to care where they end. An item
 * spread over many pieces costs linear time. Bytes that were handed out are never written again, because records point
 * to them.
 */
export interface Hold {
  /**
   * Passes a piece to `use`, after the held bytes. `use` returns the index from which it needs the bytes again; these
   * are held. It may receive the piece in parts.
   */
  feed(piece: Buffer, use: (bytes: Buffer) => number): void;
  /** The bytes being held. */
  rest(): Buffer;
}

/** This much of a piece is copied after the held bytes first, then twice as much each time it is not enough. */
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
    // None of the held bytes were used: they stay where they are.
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
      // Everything left is inside the piece, so continue there without copying.
      if (left > at || at - left === piece.length) return;
      const bytes = piece.subarray(at - left);
      keep(bytes, use(bytes));
    },
    rest: () => store.subarray(0, held),
  };
}

const NOTHING = Buffer.alloc(0);
