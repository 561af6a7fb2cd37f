import { crc32 } from 'node:zlib';

/** A member violates the format, or its content does not match its trailer. */
export class GzipError extends Error {
  override name = 'GzipError';
}

/** Reads the header of one member (RFC 1952, 2.3), however it is split into pieces. */
export interface GzipHeader {
  readonly complete: boolean;
  /**
   * Consumes bytes starting at `at` and returns the index after the last one that belongs to the header. Throws
   * `GzipError`.
   */
  take(bytes: Buffer, at: number): number;
}

type Part = 'fixed' | 'extra size' | 'extra' | 'name' | 'comment' | 'crc';
const SIZES = { fixed: 10, 'extra size': 2, crc: 2 };

export function createGzipHeader(): GzipHeader {
  const parts: Part[] = ['fixed'];
  let gathered: number[] = [];
  let skip = 0;
  let crc = 0;

  const check = (): void => {
    const [one, two, method, flags = 0] = gathered;
    if (one !== 0x1f || (two !== undefined && two !== 0x8b)) {
      throw new GzipError('bytes after a member are not a member');
    }
    if (method !== undefined && method !== 8) throw new GzipError('its compression method is unknown');
    if (flags & 0xe0) throw new GzipError('its header has unknown flags');
  };

  const gather = (bytes: Buffer, at: number, size: number): number => {
    const to = Math.min(bytes.length, at + size - gathered.length);
    for (let n = at; n < to; n++) gathered.push(bytes[n] ?? 0);
    return to;
  };

  /** The collected bytes are complete. */
  const close = (part: 'fixed' | 'extra size' | 'crc'): void => {
    const [low = 0, high = 0, , flags = 0] = gathered;
    gathered = [];
    parts.shift();
    if (part === 'extra size') skip = low + high * 256;
    if (part === 'crc' && low + high * 256 !== (crc & 0xffff)) throw new GzipError('its header is damaged');
    if (part !== 'fixed') return;
    if (flags & 4) parts.push('extra size', 'extra');
    if (flags & 8) parts.push('name');
    if (flags & 16) parts.push('comment');
    if (flags & 2) parts.push('crc');
  };

  const step = (part: Part, bytes: Buffer, at: number): number => {
    if (part === 'name' || part === 'comment') {
      const zero = bytes.indexOf(0, at);
      if (zero === -1) return bytes.length;
      parts.shift();
      return zero + 1;
    }
    if (part === 'extra') {
      const to = Math.min(bytes.length, at + skip);
      skip -= to - at;
      if (skip === 0) parts.shift();
      return to;
    }
    const to = gather(bytes, at, SIZES[part]);
    if (part === 'fixed') check();
    if (gathered.length === SIZES[part]) close(part);
    return to;
  };

  return {
    get complete() {
      return parts.length === 0;
    },
    take(bytes, start) {
      let at = start;
      for (let part = parts[0]; part !== undefined && at < bytes.length; part = parts[0]) {
        const before = crc;
        const to = step(part, bytes, at);
        crc = part === 'crc' ? before : crc32(bytes.subarray(at, to), before);
        at = to;
      }
      // An empty extra field is finished immediately.
      if (parts[0] === 'extra' && skip === 0) parts.shift();
      return at;
    },
  };
}
