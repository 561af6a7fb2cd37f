import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isSteep, turnsOf } from '../cost.ts';
import { draws, sized } from '../full.ts';
import { faultOf, inflate } from './inflate.ts';

const SIZES = [1, 3, 50, 16_384, 'whole'] as const;

interface Extras {
  readonly extra: boolean;
  readonly name: boolean;
  readonly comment: boolean;
  readonly headerCrc: boolean;
}

/** A member with the optional fields of its header. */
function member(text: string, { extra, name, comment, headerCrc }: Extras): Buffer {
  const flags = (headerCrc ? 2 : 0) + (extra ? 4 : 0) + (name ? 8 : 0) + (comment ? 16 : 0);
  const head = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255]),
    extra ? Buffer.from([3, 0, 0, 0x1f, 0x8b]) : Buffer.alloc(0),
    name ? Buffer.from('a.json\0') : Buffer.alloc(0),
    comment ? Buffer.from('\0') : Buffer.alloc(0),
  ]);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(crc32(head) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(text), 0);
  trailer.writeUInt32LE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, headerCrc ? check : Buffer.alloc(0), deflateRawSync(text), trailer]);
}

const extras = fc.record({
  extra: fc.boolean(),
  name: fc.boolean(),
  comment: fc.boolean(),
  headerCrc: fc.boolean(),
});
const PLAIN = { extra: false, name: false, comment: false, headerCrc: false };
const zeros = (count: number): Buffer => Buffer.alloc(count);

describe('every byte is used, is padding, or is reported', () => {
  it('however many members, and whatever padding, header fields and end they have, in any pieces', async () => {
    const parts = fc.array(fc.tuple(fc.string({ maxLength: 40 }), extras, fc.nat({ max: 3 })), {
      minLength: 1,
      maxLength: 5,
    });
    const ends = fc.constantFrom('', 'x', '{"a":1}', '\x1f', '\x1f\x8b', '\x1f\x8b\x08', '(\xb5/\xfd\0\0\0');
    await fc.assert(
      fc.asyncProperty(parts, ends, fc.constantFrom(...SIZES), async (members, end, size) => {
        const bytes = Buffer.concat([
          ...members.flatMap(([text, fields, padding]) => [member(text, fields), zeros(padding)]),
          Buffer.from(end, 'latin1'),
        ]);
        const { content, error } = await inflate(bytes, size);
        expect(content.toString()).toBe(members.map(([text]) => text).join(''));
        expect(faultOf(error)).toBe(end === '' ? undefined : 'bad_gzip');
      }),
      { numRuns: draws(300) },
    );
  });

  it('even if any one byte of it changes, or it ends early', async () => {
    const text = '{"a":1}\n';
    const bytes = Buffer.concat([member(text, { ...PLAIN, headerCrc: true }), zeros(2), member(text, PLAIN)]);
    for (let at = 0; at < bytes.length * 2; at++) {
      const mutated = Buffer.from(bytes.subarray(0, at < bytes.length ? bytes.length : at - bytes.length));
      if (at < bytes.length) mutated[at] = (mutated[at] ?? 0) ^ 0x55;
      if (at < 2 || mutated.length < 2) continue;
      const [first, ...rest] = await Promise.all(SIZES.map((size) => inflate(mutated, size)));
      for (const other of rest) expect(faultOf(other.error)).toBe(faultOf(first?.error));
      const harmless = first?.content.toString() === text + text || first?.content.toString() === text;
      if (!first?.error) expect([at, harmless]).toEqual([at, true]);
    }
  });

  test.each(SIZES)('the member after zero padding is read, in pieces of %s', async (size) => {
    const file = new URL('../hostile/inputs/03-members-zero-padded.json.gz', import.meta.url);
    const { content, error } = await inflate(readFileSync(file), size);
    expect(error).toBeUndefined();
    expect(content.toString().match(/"event_id":"(\w+)"/g)).toEqual(['"event_id":"g1"', '"event_id":"g2"']);
  });

  it('all content before trailing bytes is returned, however long it is', async () => {
    const text = Array.from({ length: 20_000 }, (_, n) => `{"n":${n},"s":"${Math.sin(n)}"}`).join('\n');
    for (const end of ['{"b":1}', '\0\0{"b":1}']) {
      const { content, error } = await inflate(Buffer.concat([gzipSync(text), Buffer.from(end)]), 65_536);
      expect(content.toString()).toBe(text);
      expect(faultOf(error)).toBe('bad_gzip');
    }
  });
});

test.each([
  ['with nothing between them', 0],
  ['with padding', 1],
])('many small members %s take linear time and yield to other work', async (_name, padding) => {
  const one = Buffer.concat([gzipSync('{}'), zeros(padding)]);
  const members = (count: number) => {
    const bytes = Buffer.concat(Array(count).fill(one));
    return () => inflate(bytes, 65_536);
  };
  const count = sized(20_000, 5_000);
  const { result, longest, all } = await turnsOf(members(count));
  expect([result.content.length, result.error]).toEqual([2 * count, undefined]);
  expect(longest).toBeLessThan(all / 2);
  expect(await isSteep(members, sized(1_000, 250))).toBe(false);
});

test.each([
  ['bzip2', 'BZh91AY&SY'],
  ['xz', '\xfd7zXZ\0'],
  ['lz4', '\x04"M\x18'],
  ['snappy', '\xff\x06\0\0sNaPpY'],
  ['zip', 'PK\x03\x04'],
  ['UTF-16', '\xff\xfe{\0'],
])('%s is refused by name', async (name, start) => {
  const { error } = await inflate(Buffer.from(start, 'latin1'), 'whole');
  expect(faultOf(error)).toBe('unsupported_compression');
  expect(String(error)).toContain(`${name} is not supported`);
});
