import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { DamagedContentError, RefusedContentError } from '../../src/records/content-errors.ts';
import { turnsOf } from '../cost.ts';
import { sized } from '../full.ts';
import { faultOf, inflate } from './inflate.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}.zst`, import.meta.url));
const hostile = (name: string): Buffer => readFileSync(new URL(`../hostile/inputs/${name}`, import.meta.url));

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** A frame header without content size and checksum; `window` is the byte in the format: 0x68 is 8 MiB. */
const frame = (window: number, ...blocks: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([...MAGIC, 0, window]), ...blocks]);
const block = (kind: number, size: number, last: boolean, ...body: readonly number[]): Buffer => {
  const head = (size << 3) | (kind << 1) | Number(last);
  return Buffer.from([head & 255, (head >> 8) & 255, head >> 16, ...body]);
};
const raw = (text: string, last = true): Buffer =>
  Buffer.concat([block(0, text.length, last), Buffer.from(text)]);
const skippable = (size: number, there: number): Buffer => {
  const head = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, Buffer.alloc(there)]);
};

/** Mutated frames, and the result of zstd 1.5.4 for each: the start of the content's SHA-256, or '' if refused. */
const { frames, cases } = JSON.parse(
  readFileSync(new URL('./fixtures/mutated-zstd.json', import.meta.url), 'utf8'),
) as {
  frames: Record<string, string>;
  cases: [name: string, op: string, at: number, value: number, hash: string][];
};

function mutate(bytes: Buffer, op: string, at: number, value: number): Buffer {
  const mutated = Buffer.from(bytes);
  if (op === 'cut') return mutated.subarray(0, at);
  if (op === 'drop') return Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + 1)]);
  mutated[at] = op === 'xor' ? (mutated[at] ?? 0) ^ value : value;
  return mutated;
}

describe('damage', () => {
  test.each(Object.keys(frames))('in the frame "%s" is judged as by the reference tool', async (name) => {
    const whole = Buffer.from(frames[name] ?? '', 'base64');
    let stricter = 0;
    const of = cases.filter(([frame]) => frame === name).filter((_, nth) => nth % sized(1, 12) === 0);
    for (const [, op, at, value, hash] of of) {
      const { content, error } = await inflate(mutate(whole, op, at, value), 16_384);
      const found = error ? '' : createHash('sha256').update(content).digest('hex').slice(0, 12);
      if (hash !== '' && found === '') stricter += 1;
      else expect([op, at, value, found]).toEqual([op, at, value, hash]);
    }
    // The reference tool's fast path does not check that a Huffman stream was used up; the format requires it.
    expect(stricter).toBeLessThanOrEqual(of.length / 12);
  });

  it('that only the checksum shows is found', async () => {
    expect((await inflate(hostile('zstd-bad-checksum.zst'), 1_000)).error).toBeInstanceOf(
      DamagedContentError,
    );
    const good = Buffer.from(frames['small'] ?? '', 'base64');
    for (let bit = 0; bit < 32; bit++) {
      const { content, error } = await inflate(
        mutate(good, 'xor', good.length - 4 + (bit >> 3), 1 << (bit & 7)),
        50,
      );
      expect(faultOf(error)).toBe('bad_zstd');
      expect(content.toString()).toMatch(/^{"n":0.*\n{"n":7.*}$/);
    }
  });

  it('never makes the decoder loop forever', async () => {
    // A Huffman tree whose weights take no bits.
    const { error } = await inflate(hostile('zstd-endless-tree.zst'), 1_000);
    expect(faultOf(error)).toBe('bad_zstd');
  });

  test.each([
    ['bytes that are not a frame', Buffer.concat([frame(0x50, raw('{}')), Buffer.from('{"a":1}')]), '{}'],
    ['a beginning of a frame', Buffer.concat([frame(0x50, raw('{}')), Buffer.from([0x28])]), '{}'],
    ['a gzip member', Buffer.concat([frame(0x50, raw('{}')), Buffer.from([0x1f, 0x8b, 8, 0])]), '{}'],
    [
      'a skippable frame that breaks off',
      Buffer.concat([frame(0x50, raw('{}')), skippable(0xffffffff, 9)]),
      '{}',
    ],
  ])('is reported for %s after a frame, whose content is returned', async (_name, bytes, before) => {
    for (const size of [1, 5, 1_000]) {
      const { content, error } = await inflate(bytes, size);
      expect([content.toString(), faultOf(error)]).toEqual([before, 'bad_zstd']);
    }
  });

  test.each([
    ['a raw block over the window', frame(0, raw('x'.repeat(1_025)))],
    ['a raw block over 128 KiB', frame(0x68, raw('x'.repeat(131_073)))],
    ['equal bytes over 128 KiB', frame(0x68, block(1, 131_073, true, 0x78))],
    ['a block of an unknown type', frame(0x50, block(3, 4, true, 1, 2, 3, 4))],
    ['an empty compressed block', frame(0x50, block(2, 0, true))],
    ['less content than declared', Buffer.from([...MAGIC, 0x20, 3, 0x11, 0, 0, 0x78, 0x78])],
    ['more content than declared', Buffer.from([...MAGIC, 0x20, 1, 0x11, 0, 0, 0x78, 0x78])],
    ['a reserved bit', Buffer.from([...MAGIC, 0x28, 2, 0x11, 0, 0, 0x78, 0x78])],
    ['no last block', frame(0x50, raw('{}', false))],
  ])('is reported for %s', async (_name, bytes) => {
    expect(faultOf((await inflate(bytes, 1_000)).error)).toBe('bad_zstd');
  });
});

describe('content', () => {
  test.each([1, 7, 100, 65_536])('is the same in pieces of %i, for frames of all kinds', async (size) => {
    const bytes = Buffer.concat([
      skippable(5, 5),
      fixture('last'),
      frame(0x50, block(0, 0, true)),
      skippable(0, 0),
      fixture('lines'),
      frame(0x50, raw('a', false), block(1, 70_000, false, 0x62), block(1, 0, false, 0x63), raw('d')),
    ]);
    const { content, error } = await inflate(bytes, size);
    expect(error).toBeUndefined();
    const alone = await inflate(fixture('lines'), 1_000);
    expect(content.toString()).toBe(`{"last":1}${alone.content.toString()}a${'b'.repeat(70_000)}d`);
  });

  it('may reach back as far as its window, even after the buffer has moved several times', async () => {
    // 20 kB of random bytes, repeated every 1.5 MB; the window is 2 MiB.
    const { content, error } = await inflate(fixture('far'), 65_536);
    expect(error).toBeUndefined();
    expect(content.length).toBe(6_000_000);
    expect(createHash('sha256').update(content).digest('hex').slice(0, 12)).toBe('14227f0c13e6');
  });
});

describe('memory', () => {
  it('is not allocated just because a header says so', async () => {
    for (const name of ['zstd-window-1.zst', 'zstd-window-2000.zst']) {
      const before = process.memoryUsage().arrayBuffers;
      const { error } = await inflate(hostile(name), 1_000);
      expect(error).toBeInstanceOf(RefusedContentError);
      expect(faultOf(error)).toBe('zstd_window_too_large');
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
    }
    // The content size of a single segment is its window.
    const segment = Buffer.from([...MAGIC, 0xa0, 1, 0, 128, 0, 0x11, 0, 0, 0x78]);
    expect(faultOf((await inflate(segment, 1_000)).error)).toBe('zstd_window_too_large');
  });

  it('grows with the content, however many frames ask for the largest window', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const { content, error } = await inflate(
      Buffer.concat(Array(2_000).fill(frame(0x68, raw('{}\n')))),
      65_536,
    );
    expect([content.length, error]).toEqual([6_000, undefined]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
  });

  it('yields the content before a frame that is over the cap', async () => {
    const { content, error } = await inflate(
      Buffer.concat([frame(0x68, raw('{}')), frame(0x69, raw('{}'))]),
      7,
    );
    expect([content.toString(), faultOf(error)]).toEqual(['{}', 'zstd_window_too_large']);
  });
});

it('is reported by name if it is not supported', async () => {
  const dictionary = Buffer.from([...MAGIC, 0x21, 7, 1, 0x09, 0, 0, 0x78]);
  const legacy = Buffer.from([0x27, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]);
  for (const [bytes, name] of [
    [dictionary, 'zstd with a dictionary (7)'],
    [legacy, 'a zstd frame from before version 0.8'],
  ] as const) {
    const { error } = await inflate(bytes, 3);
    expect(error).toBeInstanceOf(RefusedContentError);
    expect(String(error)).toContain(name);
  }
});

it('yields to other work, even with one-byte blocks under a large window', async () => {
  const blocks = Buffer.concat(Array(sized(100_000, 30_000)).fill(raw('x', false)));
  const bytes = frame(0x68, block(1, 131_072, false, 0x20), blocks, raw('x'));
  const { result, longest, all } = await turnsOf(() => inflate(bytes, 'whole'));
  expect(result.error).toBeUndefined();
  expect(longest).toBeLessThan(all / 2);
});
