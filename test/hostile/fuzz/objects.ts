import { gzipSync } from 'node:zlib';
import { pick, type Random, times, upTo } from '../families/family.ts';
import { frame, rawBlock, windowByte } from '../zstd-frames.ts';
import { type Damage, damageOf } from './damage.ts';
import type { Made } from './records.ts';
import { textOf } from './tree.ts';

/** A record, and where it starts in the content of its object. */
export interface Placed extends Made {
  readonly start: number;
}

export interface FuzzedObject {
  readonly bytes: Buffer;
  /** Decompressed. */
  readonly content: Buffer;
  readonly records: readonly Placed[];
  /** Bytes were changed after the records were written, so each record may have moved. */
  readonly damaged: boolean;
}

interface Layout {
  readonly open: string;
  readonly between: readonly string[];
  readonly close: string;
  readonly gap: string;
}

const LINES: Layout = { open: '', between: ['\n'], close: '\n', gap: '' };
const LAYOUTS: readonly Layout[] = [
  { ...LINES, between: ['\r\n'], close: '' },
  { ...LINES, between: ['\n', '\n\n', ' \n', '\r\n'] },
  { ...LINES, gap: '  ' },
  { open: '', between: ['', ' ', '\n'], close: '', gap: '' },
  { open: '[', between: [','], close: ']', gap: '' },
  { open: '[\n', between: [',\n'], close: '\n]\n', gap: '  ' },
  { open: '[', between: [',', ']\n[', '],['], close: ']', gap: '' },
];

/** The share of objects that are damaged. */
const DAMAGED = 0.08;

/**
 * An object of some records, in one of the forms that records come in. `foreign`: it may include lines of something
 * else.
 */
export function objectOf(make: (foreign: boolean) => Made, count: number, random: Random): FuzzedObject {
  const layout = random() < 0.4 ? LINES : pick(random, LAYOUTS);
  const made = times(count, () => make(layout === LINES));
  let content = random() < 0.2 ? '\ufeff' : '';
  content += layout.open;
  // Counts bytes while the text is put together, so that one pass over it is enough.
  const starts: number[] = [];
  let at = Buffer.byteLength(content);
  made.forEach(({ tree, line }, nth) => {
    const before = nth === 0 ? '' : pick(random, layout.between);
    const text = line ?? textOf(tree ?? null, layout.gap);
    starts.push(at + before.length);
    content += before + text;
    at += before.length + Buffer.byteLength(text);
  });
  content += layout.close;
  const records = made.map((one, nth) => ({ ...one, start: starts[nth] ?? 0 }));
  const whole = Buffer.from(content);
  if (random() >= DAMAGED) return { bytes: packed(whole, random), content: whole, records, damaged: false };
  const damage = damageOf(whole, starts, random);
  return { ...damagedObject(records, damage), bytes: packed(damage.content, random) };
}

function damagedObject(records: readonly Placed[], { content, starts }: Damage): Omit<FuzzedObject, 'bytes'> {
  return {
    content,
    records: records.map((record, nth) => ({ ...record, start: starts[nth] ?? 0 })),
    damaged: true,
  };
}

/** Uncompressed, or compressed in one or more parts. */
function packed(content: Buffer, random: Random): Buffer {
  const kind = random();
  if (kind < 0.5) return content;
  if (kind < 0.65) return gzipSync(content);
  const parts = cut(content, random);
  if (kind < 0.85)
    return Buffer.concat(
      parts.flatMap((part) => [gzipSync(part), Buffer.alloc(random() < 0.5 ? 0 : upTo(random, 1_000))]),
    );
  return Buffer.concat(parts.map((part) => frame(windowByte(20, upTo(random, 8)), ...blocks(part))));
}

function cut(content: Buffer, random: Random): Buffer[] {
  const places = times(1 + upTo(random, 8), () => upTo(random, content.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, nth) => content.subarray(from, places[nth] ?? content.length));
}

function blocks(content: Buffer): Buffer[] {
  const size = 100_000;
  return times(Math.ceil(content.length / size) || 1, (nth) =>
    rawBlock(content.subarray(nth * size, (nth + 1) * size)),
  );
}
