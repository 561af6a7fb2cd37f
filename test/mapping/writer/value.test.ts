import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json } from '../../../src/contracts/types.ts';
import { createOutput, take } from '../../../src/mapping/writer/output.ts';
import { putString } from '../../../src/mapping/writer/scalars.ts';
import { serialize } from '../../../src/mapping/writer/value.ts';
import { verbatim } from '../../../src/mapping/writer/verbatim.ts';
import { anyText } from '../../any-text.ts';

function quote(text: string): string {
  const out = createOutput(8);
  putString(out, text);
  return take(out).toString();
}

describe('serialize', () => {
  it.each(['', '-', 'unknown', 'Unknown', 'NULL', 'null', '(null)', null, undefined, Number.NaN, Infinity])(
    'leaves %j out',
    (value) => {
      expect(serialize(value)).toBeUndefined();
    },
  );

  it.each(['unknown-host', '--', 'nullable', ' ', 'unknowns', 0, false, '0'])('keeps %j', (value) => {
    expect(JSON.parse(serialize(value) ?? '')).toBe(value);
  });

  it('leaves out empty values, however deep', () => {
    expect(serialize([])).toBeUndefined();
    expect(serialize({})).toBeUndefined();
    expect(serialize({ a: { b: null, c: [{}] } })).toBeUndefined();
    expect(serialize({ a: 'unknown', b: { c: '-', d: 1 }, e: [] })).toBe('{"b":{"d":1}}');
  });

  it('keeps every argument of a command line, even a dash', () => {
    expect(serialize(['tar', '-', '', 'unknown'])).toBe('["tar","-","","unknown"]');
  });
});

describe('quote', () => {
  it('replaces control characters and lone surrogates, and keeps ordinary text', () => {
    const text = 'a\u0000b\u001bc\u0085d\ud800e\tf\ng"h\\i😀';
    expect(JSON.parse(quote(text))).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\tf\ng"h\\i😀');
  });

  it('writes single-line JSON for any text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const json = quote(text);
        expect(json).not.toContain('\n');
        expect(typeof JSON.parse(json)).toBe('string');
        expect(json.isWellFormed()).toBe(true);
      }),
    );
  });

  it('accepts a megabyte', () => {
    const text = 'x"'.repeat(500_000);
    expect(JSON.parse(quote(text))).toBe(text);
  });
});

describe('verbatim', () => {
  it('keeps empty values, and makes its text safe, keys too', () => {
    const value = { a: null, b: '', c: ['-'], 'd\u0000': 'e\ud800' };
    expect(JSON.parse(verbatim(value))).toEqual({ a: null, b: '', c: ['-'], 'd\ufffd': 'e\ufffd' });
  });

  it('changes nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\\u|[\u007f-\u009f]/.test(text));
        expect(verbatim(JSON.parse(text) as Json)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});

test('no absent value looks like a value', () => {
  expect(serialize('x')).not.toBeUndefined();
  expect(serialize(false)).not.toBeUndefined();
});

it('keeps keys apart that would be written the same', () => {
  const json = verbatim({
    'a\u0001': 1,
    'a\u0000': { '\ud800': [{ '\u0000': 1, '\u0002': 2 }], '\udc00': 2 },
    'a\ufffd': 3,
    'a\ufffd (2)': 4,
    b: 5,
  });
  expect(json).toBe(
    '{"a\ufffd (3)":1,"a\ufffd (4)":{"\ufffd":[{"\ufffd":1,"\ufffd (2)":2}],"\ufffd (2)":2},"a\ufffd":3,"a\ufffd (2)":4,"b":5}',
  );
});
