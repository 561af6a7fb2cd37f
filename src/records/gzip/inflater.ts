import { crc32 } from 'node:zlib';
import { createBreather } from '../breather.ts';
import type { Inflater } from '../inflater.ts';
import { type Deflated, startDeflated } from './deflate.ts';
import { createGzipHeader, GzipError, type GzipHeader } from './header.ts';
import { gunzipWhole, type Inflated } from './whole.ts';

const TRAILER_BYTES = 8;
/**
 * Members that are available in full are inflated in one call, up to this much content: starting a stream for each
 * would cost more.
 */
const SMALL_BYTES = 2 ** 20;
const MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);

/**
 * Inflates gzip member by member, because zlib's own gunzip ignores everything after a member that begins with a zero
 * byte. Zero bytes between members and after the last one are padding (RFC 1952 has none, but tapes and some writers
 * do); anything else that is not a member is damage.
 */
export function createGunzipInflater(damaged: (cause: Error) => Error): Inflater {
  const breathe = createBreather();
  let members = 0;
  let header: GzipHeader | undefined;
  let inBody = false;
  let stream: Deflated | undefined;
  let trailer: number[] | undefined;
  let crc = 0;
  let size = 0;

  const count = (content: Buffer): Buffer => {
    crc = crc32(content, crc);
    size += content.length;
    return content;
  };

  const takeHeader = (bytes: Buffer, at: number): number => {
    header ??= createGzipHeader();
    const next = header.take(bytes, at);
    if (!header.complete) return next;
    header = undefined;
    crc = 0;
    size = 0;
    members += 1;
    inBody = true;
    return next;
  };

  const takeTrailer = (gathered: number[], bytes: Buffer, at: number): number => {
    const to = Math.min(bytes.length, at + TRAILER_BYTES - gathered.length);
    for (let n = at; n < to; n++) gathered.push(bytes[n] ?? 0);
    if (gathered.length < TRAILER_BYTES) return to;
    trailer = undefined;
    const read = Buffer.from(gathered);
    if (read.readUInt32LE(0) !== crc) throw new GzipError('the checksum is wrong');
    if (read.readUInt32LE(4) !== size % 2 ** 32) throw new GzipError('the size is wrong');
    return to;
  };

  async function* takeBody(bytes: Buffer, at: number): AsyncGenerator<Buffer, number, undefined> {
    stream ??= startDeflated();
    for (const content of await stream.write(bytes.subarray(at)))
      if (content.length > 0) yield count(content);
    if (stream.failure) throw damaged(stream.failure);
    if (!stream.ended) return bytes.length;
    const next = bytes.length - stream.unused;
    stream.close();
    stream = undefined;
    inBody = false;
    trailer = [];
    return next;
  }

  /** The members up to the last one that starts in `bytes`, unless these bytes are in the middle of a member. */
  const takeWhole = (bytes: Buffer, at: number): Inflated | undefined => {
    const last = bytes.lastIndexOf(MAGIC);
    return last > at ? gunzipWhole(bytes.subarray(at, last), SMALL_BYTES) : undefined;
  };

  const takeOther = (bytes: Buffer, at: number): number => {
    try {
      if (trailer) return takeTrailer(trailer, bytes, at);
      const start = header || members === 0 ? at : skipZeros(bytes, at);
      return start > at ? start : takeHeader(bytes, at);
    } catch (error) {
      throw error instanceof GzipError ? damaged(error) : error;
    }
  };

  return {
    async *push(bytes) {
      let mayBeWhole = members > 0;
      for (let at = 0; at < bytes.length; ) {
        if (breathe.due) await breathe();
        const starts = !inBody && !header && !trailer && bytes[at] !== 0;
        const whole = starts && mayBeWhole ? takeWhole(bytes, at) : undefined;
        if (whole) {
          if (whole.content.length > 0) yield whole.content;
          at += whole.used;
          continue;
        }
        if (starts) mayBeWhole = false;
        at = inBody ? yield* takeBody(bytes, at) : takeOther(bytes, at);
      }
    },
    end() {
      if (header || inBody || trailer) throw damaged(new GzipError('it is truncated'));
    },
    close: () => stream?.close(),
  };
}

function skipZeros(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return at;
}
