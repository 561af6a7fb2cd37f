import type { XXHashAPI } from 'xxhash-wasm';
import { createBreather } from '../breather.ts';
import type { Inflater } from '../inflater.ts';
import { ZstdError } from './error.ts';
import { BLOCK_BYTES, createFrames, type Frames } from './frames.ts';

export interface ZstdOptions {
  /** The most memory a frame may request: its window. */
  readonly windowBytes: number;
  damaged(cause: Error): Error;
  overWindow(bytes: number): Error;
  unsupported(what: string): Error;
}

/** Bits are read four bytes at a time. */
const ROOM = 8;

/**
 * zstd in our own code, identical on every Node version: Node 20 has none, Node 24's stops silently after the first
 * frame, and existing packages loop forever on damaged input, hide its errors, or cannot stream.
 */
export function createZstdInflater(options: ZstdOptions): Inflater {
  const breathe = createBreather();
  let frames: Frames | undefined;
  let store = Buffer.alloc(0);
  let filled = 0;

  const start = async (): Promise<Frames> => {
    const { default: xxhash } = await import('xxhash-wasm');
    const api: XXHashAPI = await xxhash();
    return createFrames({ ...options, hash: () => api.create64() });
  };

  /** Copies until the unit is complete; returns the number of bytes used. */
  const fill = (bytes: Buffer, at: number, need: number): number => {
    if (store.length < need + ROOM) {
      const larger = Buffer.alloc(need > 64 ? BLOCK_BYTES + ROOM : 64 + ROOM);
      store.copy(larger, 0, 0, filled);
      store = larger;
    }
    const copied = bytes.copy(store, filled, at, Math.min(bytes.length, at + need - filled));
    filled += copied;
    return copied;
  };

  return {
    async *push(bytes) {
      frames ??= await start();
      let at = 0;
      while (at < bytes.length) {
        if (frames.skip > 0) {
          const skipped = Math.min(frames.skip, bytes.length - at);
          frames.skip -= skipped;
          at += skipped;
          continue;
        }
        at += fill(bytes, at, frames.need);
        if (filled < frames.need) return;
        filled = 0;
        let content: Buffer | undefined;
        try {
          content = frames.take(store);
        } catch (error) {
          throw error instanceof ZstdError ? options.damaged(error) : error;
        }
        if (content) yield content;
        if (breathe.due) await breathe();
      }
    },
    end() {
      if (frames && (!frames.complete || filled > 0 || frames.skip > 0)) {
        throw options.damaged(new ZstdError('it is truncated'));
      }
    },
    close() {},
  };
}
