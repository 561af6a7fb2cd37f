/**
 * The latest content of a frame, which matches refer back to. Grows with the content, never just because a header says
 * so.
 */
export interface History {
  /** Starts another frame: discards the content, keeps the memory. */
  start(windowBytes: number): void;
  /** The memory, with room for `size` bytes after `end`. */
  reserve(size: number): Uint8Array;
  /** Where the content ends; at least the window is before it, or all the content there is. */
  end: number;
}

const FIRST_BYTES = 256 * 2 ** 10;
/** Minimum amount of content between two moves of the window to the front; half a window if that is more. */
const ROOM_BYTES = 2 ** 20;

export function createHistory(): History {
  let memory = new Uint8Array(0);
  let window = 0;
  const history: History = {
    end: 0,
    start(windowBytes) {
      window = windowBytes;
      history.end = 0;
    },
    reserve(size) {
      if (history.end + size <= memory.length) return memory;
      const most = window + Math.max(window >> 1, ROOM_BYTES);
      const kept = Math.min(history.end, window);
      const target = memory.length >= most ? memory : grow(kept + size, most);
      target.set(memory.subarray(history.end - kept, history.end));
      memory = target;
      history.end = kept;
      return memory;
    },
  };
  const grow = (needed: number, most: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(Math.min(most, Math.max(FIRST_BYTES, needed, memory.length * 2)));
  return history;
}
