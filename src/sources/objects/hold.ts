/**
 * Bytes that wait for more: what is left of one piece is put before the next. The buffer doubles while nothing of it is
 * used, so that a record that comes in many pieces costs linear time. What was used stays as it is: records point to it.
 */
export interface Hold {
  /** What is held, with `piece` behind it. */
  join(piece: Buffer): Buffer;
  /** Keeps `bytes` (what `join` gave) from `from` on. */
  keep(bytes: Buffer, from: number): void;
}

export function createHold(): Hold {
  let store = NOTHING;
  let held = 0;

  const reserve = (size: number): void => {
    if (size <= store.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(size, store.length * 2));
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
      // Nothing of what is held was used: it stays where it is.
      if (from === 0 && bytes.buffer === store.buffer) return;
      held = 0;
      store = NOTHING;
      const rest = bytes.length - from;
      if (rest === 0) return;
      reserve(rest);
      bytes.copy(store, 0, from);
      held = rest;
    },
  };
}

const NOTHING = Buffer.alloc(0);
