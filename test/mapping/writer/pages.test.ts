import { describe, expect, it } from '@jest/globals';
import type { Detection } from '../../../src/detections/detection.ts';
import { createWriters } from '../../../src/mapping/writer/index.ts';
import { PAGE_BYTES } from '../../../src/mapping/writer/output.ts';

const detection = (facts: Record<string, unknown>): Detection => facts as unknown as Detection;
const FIELDS = { 'a.b': '$before', 'a.c': '$nothing', 'a.d.e': '$nothing.at.all', f: '$after' };

function parse(json: Buffer): unknown {
  return JSON.parse(json.toString());
}

describe('pages', () => {
  it('keep documents separate until their batch is freed, and are then reused', () => {
    const pages = createWriters();
    const write = pages.compile(FIELDS);
    const freeFirst = pages.open();
    const first = write(detection({ before: 'first', after: 1 }));
    const freeSecond = pages.open();
    const second = write(detection({ before: 'second', after: 2 }));
    expect(second.buffer).not.toBe(first.buffer);
    freeSecond();
    pages.open();
    const third = write(detection({ before: 'third', after: 3 }));
    expect(third.buffer).toBe(second.buffer);
    expect(parse(first)).toEqual({ a: { b: 'first' }, f: 1 });
    expect(parse(third)).toEqual({ a: { b: 'third' }, f: 3 });
    freeFirst();
    expect(write(detection({ after: 4 })).buffer).toBe(third.buffer);
  });

  it('are not written to by a writer that continues after its batch was freed', () => {
    const pages = createWriters();
    const write = pages.compile(FIELDS);
    const free = pages.open();
    const mine = write(detection({ before: 'mine' }));
    free();
    const other = write(detection({ before: 'other' }));
    pages.open();
    const next = write(detection({ before: 'next' }));
    expect(parse(other)).toEqual({ a: { b: 'other' } });
    expect(parse(next)).toEqual({ a: { b: 'next' } });
    expect(other.buffer).toBe(mine.buffer);
  });

  it('grow under a longer document, whatever is absent after it', () => {
    const write = createWriters().compile(FIELDS);
    const short = write(detection({ before: 'short', after: 0 }));
    for (const length of [PAGE_BYTES - 200, PAGE_BYTES, 3 * PAGE_BYTES]) {
      const long = 'x'.repeat(length);
      for (const nothing of [null, '', undefined]) {
        const json = write(detection({ before: long, nothing, after: length }));
        expect(parse(json)).toEqual({ a: { b: long }, f: length });
      }
    }
    expect(parse(short)).toEqual({ a: { b: 'short' }, f: 0 });
  });
});
