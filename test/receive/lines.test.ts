import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, json, oneof, property } from 'fast-check';
import type { SourceRecord } from '../../src/contracts/types.ts';
import { contentOf } from '../../src/receive/content.ts';
import { asLine } from '../../src/receive/lines.ts';
import { createFramer } from '../../src/records/framing.ts';

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  ':',
  '\n',
  '\r\n',
  ' ',
  '1',
  'null',
  '"a"',
  '\\"',
  '{"b":1}',
  '\ufeff',
  'é',
];

function framed(bytes: Buffer): SourceRecord[] {
  const records: SourceRecord[] = [];
  const origin = { source: 'test', uri: 'test' };
  const framer = createFramer({ origin, recordBytes: 2 ** 20, emit: (record) => void records.push(record) });
  framer.push(bytes);
  framer.end();
  return records;
}
const textsOf = (bytes: Buffer): string[] => framed(bytes).map(({ text }) => text);

describe('a body as a line among others', () => {
  it.each([
    [
      'pretty-printed',
      '{\n  "a": [1,\r\n  2.50, 1e400],\n\t"a": "x\\n  y"\n}\n',
      '{ "a": [1, 2.50, 1e400], "a": "x\\n  y" }',
    ],
    ['a number of many digits', '{"a":12345678901234567890.10}', '{"a":12345678901234567890.10}'],
    ['a group', '{"data":[\n{"id":"a"},\n{"id":"b"}\n]}', '{"data":[ {"id":"a"}, {"id":"b"} ]}'],
    ['an array', '[\n{"id":"a"},\n{"id":"b"}]', '[ {"id":"a"}, {"id":"b"}]'],
    ['a string with brackets', '{"a":"}{[\\"]"}', '{"a":"}{[\\"]"}'],
    ['two tokens that may not grow together', '{"a":1\n2}', '{"a":1 2}'],
  ])('%s', (_, body, line) => {
    expect(asLine(Buffer.from(body))?.toString()).toBe(line);
  });

  it.each([
    ['bad UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['broken off', Buffer.from('{"a":')],
    ['broken off in a text', Buffer.from('{"a":"b')],
    ['an array that is left open', Buffer.from('[{"a":1},')],
    ['a bracket too many', Buffer.from('{"a":1}}')],
    ['brackets of two kinds', Buffer.from('{"a":[1}}')],
    ['a line end in a text', Buffer.from('{"a":"b\nc"}')],
    ['lines that are no JSON', Buffer.from('hello\nworld')],
    ['a text', Buffer.from('"Test Connection"')],
    ['several documents', Buffer.from('{"a":1}\n{"b":2}')],
    ['what is between two documents', Buffer.from('{"a":1} x {"b":2}')],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0])],
    ['an array in which a line end is all that separates', Buffer.from('[1\n{"b":1}]')],
    ['a form', Buffer.from('{"a":1}\n[')],
  ])('%s has a file of its own', (_, body) => {
    expect(asLine(body)).toBeUndefined();
    expect(contentOf(body).is).toBe('raw');
  });

  it('is read as it would be alone, whatever it is, and leaves its neighbours as they are', () => {
    const neighbours = ['{"before":1}', '{"behind":[2]}'];
    const piece = constantFrom(...PIECES);
    const value = json().map((text) => JSON.stringify(JSON.parse(text), undefined, 2));
    const body = oneof(
      array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      value,
    );
    assert(
      property(body, (text) => {
        const line = asLine(Buffer.from(text));
        if (line === undefined) return;
        expect(line.includes('\n')).toBe(false);
        const [before = '', behind = ''] = neighbours;
        const all = textsOf(Buffer.concat([Buffer.from(`${before}\n`), line, Buffer.from(`\n${behind}\n`)]));
        expect([all[0], all.at(-1)]).toEqual(neighbours);
        expect(all.slice(1, -1)).toEqual(textsOf(line));
        // The same values as in the body as it came.
        const values = (texts: readonly string[]) => texts.map((one) => one.replaceAll(/\s+/g, ' '));
        expect(values(textsOf(line))).toEqual(values(textsOf(Buffer.from(text))));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('content', () => {
  it.each([
    ['insights', '{"jobs":[],"run_id":"1"}'],
    ['insights', '{"event_type":"insights","data":[{"jobs":[]},{"jobs":[{}]}]}'],
    ['json', '{"data":[{"jobs":[]},{"id":"Reverse-Shell"}]}'],
    ['json', '{"jobs":[],"detection":"x"}'],
    ['json', '{"text":"\\"jobs\\""}'],
    ['json', '{"jobs" 1}'],
    ['empty', ''],
    ['empty', ' \r\n'],
  ])('%s: %s', (is, body) => {
    expect(contentOf(Buffer.from(body)).is).toBe(is);
  });

  it('of a million brackets is looked at without harm', () => {
    const deep = `{"jobs":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
    expect(contentOf(Buffer.from(deep)).is).toBe('insights');
  });
});
