import { readFileSync } from 'node:fs';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { BLOCK_BYTES, frame, rawBlock, repeatBlock, skippable, windowByte } from '../zstd-frames.ts';
import { detectionOf, type Family, lines, pick, times, upTo } from './family.ts';

/** The exponent of the largest window that is read by default. */
const CAP = 23;

const line = (nth: number): Buffer => lines([detectionOf(nth)]);
const EMPTY_MEMBER = gzipSync('');

/** Frames of some hundred bytes each, made by a real compressor. */
const COMPRESSED = Object.values(
  (
    JSON.parse(
      readFileSync(new URL('../../records/fixtures/mutated-zstd.json', import.meta.url), 'utf8'),
    ) as { frames: Record<string, string> }
  ).frames,
).map((text) => Buffer.from(text, 'base64'));

/** Changes one byte in the second half, so that there is something to read before it. */
function damaged(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2) + upTo(random, copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ (1 + upTo(random, 255));
  return copy;
}

/** A gzip member with every header field there is. */
function dressed(nth: number): Buffer {
  const content = line(nth);
  const plain = gzipSync(content);
  const extra = Buffer.alloc(1_000, 0x61);
  const head = Buffer.from([
    0x1f,
    0x8b,
    8,
    0b1_1100,
    0,
    0,
    0,
    0,
    0,
    3,
    extra.length & 255,
    extra.length >> 8,
  ]);
  const names = Buffer.from(`${'n'.repeat(500)}\0${'c'.repeat(500)}\0`);
  return Buffer.concat([head, extra, names, deflateRawSync(content), plain.subarray(-8)]);
}

export const COMPRESSED_FAMILIES: readonly Family[] = [
  {
    name: 'zstd: a frame for each line, windows up to the cap',
    medium: 300,
    make: (size, random) =>
      Buffer.concat(
        times(size, (nth) => {
          const exponent = 10 + upTo(random, CAP - 9);
          const eighths = exponent === CAP ? 0 : upTo(random, 8);
          return frame(windowByte(exponent, eighths), rawBlock(line(nth).subarray(0, 1_024)));
        }),
      ),
  },
  {
    name: 'zstd: windows over the cap',
    medium: 300,
    make: (size, random) =>
      Buffer.concat(
        times(size, (nth) =>
          frame(windowByte(CAP + upTo(random, 8), 1 + upTo(random, 7)), rawBlock(line(nth))),
        ),
      ),
  },
  {
    name: 'zstd: empty frames',
    medium: 20_000,
    make: (size) =>
      Buffer.concat([
        ...times(size, (nth) =>
          nth % 2 === 0
            ? skippable(Buffer.alloc(nth % 40))
            : frame(windowByte(20), rawBlock(Buffer.alloc(0))),
        ),
        frame(windowByte(20), rawBlock(line(1))),
      ]),
  },
  {
    name: 'zstd: a bomb',
    medium: 200,
    make: (size) => frame(windowByte(CAP), ...times(size, () => repeatBlock(0x0a, BLOCK_BYTES))),
  },
  {
    name: 'zstd: one damaged byte in many frames',
    medium: 200,
    make: (size, random) => damaged(Buffer.concat(times(size, () => pick(random, COMPRESSED))), random),
  },
  {
    name: 'gzip: empty members',
    medium: 20_000,
    make: (size) => Buffer.concat([...times(size, () => EMPTY_MEMBER), gzipSync(line(1))]),
  },
  {
    name: 'gzip: zeros between members',
    medium: 1_000,
    make: (size, random) =>
      Buffer.concat(
        times(size, (nth) => Buffer.concat([gzipSync(line(nth)), Buffer.alloc(upTo(random, 600))])),
      ),
  },
  {
    name: 'gzip: a bomb',
    medium: 3,
    make: (size) => gzipSync(Buffer.alloc(size * 2 ** 20, 0x0a), { level: constants.Z_BEST_COMPRESSION }),
  },
  {
    name: 'gzip: headers with every field',
    medium: 500,
    make: (size) => Buffer.concat(times(size, dressed)),
  },
  {
    name: 'gzip: one damaged byte in many members',
    medium: 500,
    make: (size, random) =>
      damaged(Buffer.concat(times(size, (nth) => gzipSync(lines([detectionOf(nth)])))), random),
  },
  {
    name: 'gzip: followed by other bytes',
    medium: 10_000,
    make: (size, random) =>
      Buffer.concat([gzipSync(line(1)), Buffer.from(times(size, () => 1 + upTo(random, 255)))]),
  },
];
