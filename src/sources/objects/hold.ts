/**
 * Bytes that wait for more: what is left of one piece is put before the next. The buffer doubles when it is full and is
 * used again, so that a record that comes in many pieces costs linear time.
 */
export interface Hold {
  /** What is held, with `piece` behind it. Valid until the next call. */
  join(piece: Buffer): Buffer;
  /** Keeps `bytes` (what `join` gave) from `from` on. */
  keep(bytes: Buffer, from: number): void;
}

export function createHold(): Hold {
  let store = Buffer.alloc(0);
  let held = 0;

  const reserve = (size: number): void => {
    if (size <= store.length) return;
    const bigger = Buffer.allocUnsafe(Math.max(size, store.length * 2));
    store.copy(bigger, 0, 0, held);
    store = bigger;
  };

  return {
    join(piece) {
      if (held === 0) return piece;
      reserve(held + piece.length);
      piece.copy(store, held);
      held += piece.length;
      return store.subarray(0, held);
    },
    keep(bytes, from) {
      const rest = bytes.length - from;
      if (bytes.buffer === store.buffer && bytes.byteOffset === store.byteOffset) {
        if (from > 0) store.copyWithin(0, from, bytes.length);
      } else {
        held = 0;
        reserve(rest);
        bytes.copy(store, 0, from);
      }
      held = rest;
    },
  };
}
