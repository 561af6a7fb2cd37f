import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DamagedContentError, RefusedContentError } from '../../src/records/content-errors.ts';
import { draws, rows } from '../full.ts';
import { faultOf, inflateFrom, pieces } from './inflate.ts';

/** Text that does not compress too well. */
const lines = Buffer.from(
  Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ n, s: Math.sin(n).toString(36) })).join('\n'),
);

/** Real frames, made by the reference tool: 2,000 of the lines, one more document, 200 MiB of zeros. */
const fixture = (name: string): Buffer => readFileSync(new URL(`./fixtures/${name}.zst`, import.meta.url));

describe('damage and caps', () => {
  test.each(rows(2, [1_000, 2 ** 20, 1]))(
    'a truncated gzip yields its start, in pieces of %i',
    async (size) => {
      const gzip = gzipSync(lines.subarray(0, 100_000));
      const { content, error } = await inflateFrom(pieces(gzip.subarray(0, gzip.length - 2_000), size));
      expect(error).toBeInstanceOf(DamagedContentError);
      expect((error as DamagedContentError).fault.code).toBe('bad_gzip');
      expect(content.length).toBeGreaterThan(50_000);
      expect(content.equals(lines.subarray(0, content.length))).toBe(true);
    },
  );

  it('says so when other bytes follow a gzip', async () => {
    const { content, error } = await inflateFrom(
      pieces(Buffer.concat([gzipSync('{"a":1}'), Buffer.from('{"b":2}')]), 100),
    );
    expect(content.toString()).toBe('{"a":1}');
    expect(error).toBeInstanceOf(DamagedContentError);
  });

  it('yields all content of a small gzip with a wrong checksum', async () => {
    const gzip = gzipSync(lines.subarray(0, 20_000));
    gzip[gzip.length - 7] = (gzip[gzip.length - 7] ?? 0) ^ 0xff;
    const { content, error } = await inflateFrom(pieces(gzip, 2 ** 20));
    expect(content.equals(lines.subarray(0, 20_000))).toBe(true);
    expect(error).toBeInstanceOf(DamagedContentError);
  });

  it('stops a bomb early, after reading little of it', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 1 });
    let asked = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const piece of pieces(bomb, 16_384)) {
        asked += piece.length;
        yield piece;
      }
    }
    const { content, error } = await inflateFrom(counted(), { objectBytes: 2 ** 30, expansion: 100 });
    expect(error).toBeInstanceOf(RefusedContentError);
    expect((error as RefusedContentError).fault.code).toBe('expansion_too_large');
    expect(content.length).toBeLessThan(20 * 2 ** 20);
    expect(asked).toBeLessThan(bomb.length / 5);
  });

  test.each([
    ['plain', lines],
    ['gzip', gzipSync(lines)],
  ])('stops %s content over the object cap', async (_name, raw) => {
    const { content, error } = await inflateFrom(pieces(raw, 10_000), {
      objectBytes: 200_000,
      expansion: 100,
    });
    expect((error as RefusedContentError).fault.code).toBe('object_too_large');
    expect(content.length).toBeLessThanOrEqual(200_000);
    expect(content.length).toBeGreaterThan(100_000);
  });

  it('throws no other error for bytes that look compressed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom([0x1f, 0x8b], [0x1f, 0x8b, 0x08], [0x28, 0xb5, 0x2f, 0xfd], [0x50, 0x2a, 0x4d, 0x18]),
        fc.uint8Array({ maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        async (magic, rest, size) => {
          const { error } = await inflateFrom(pieces(Buffer.from([...magic, ...rest]), size));
          // Rethrows errors that are not ours.
          faultOf(error);
        },
      ),
      { numRuns: draws(300) },
    );
  });
});

describe('content', () => {
  test.each([1, 7, 65_536])('plain, gzip and several members, in pieces of %i', async (size) => {
    const small = lines.subarray(0, 5_000);
    expect((await inflateFrom(pieces(small, size))).content.equals(small)).toBe(true);
    const members = Buffer.concat([gzipSync(small.subarray(0, 100)), gzipSync(small.subarray(100))]);
    expect(await inflateFrom(pieces(members, size))).toEqual({ content: small });
  });

  it('accepts content shorter than any magic number', async () => {
    expect((await inflateFrom(pieces(Buffer.from('1'), 1))).content.toString()).toBe('1');
    expect((await inflateFrom(pieces(Buffer.alloc(0), 1))).content.length).toBe(0);
  });

  it('recognizes zstd by its magic number, even several frames', async () => {
    const some = Buffer.from(lines.toString().split('\n').slice(0, 2_000).join('\n'));
    const frames = Buffer.concat([fixture('lines'), fixture('last')]);
    const { content, error } = await inflateFrom(pieces(frames, 5_000));
    expect(error).toBeUndefined();
    expect(content.equals(Buffer.concat([some, Buffer.from('{"last":1}')]))).toBe(true);
    const broken = await inflateFrom(pieces(fixture('lines').subarray(0, 10_000), 5_000));
    expect((broken.error as DamagedContentError).fault.code).toBe('bad_zstd');
  });

  it('stops a zstd bomb within one piece', async () => {
    const bomb = fixture('zeros');
    const { error } = await inflateFrom(pieces(bomb, bomb.length), { objectBytes: 2 ** 30, expansion: 100 });
    expect((error as RefusedContentError).fault.code).toBe('expansion_too_large');
  });
});
