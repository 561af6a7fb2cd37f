import { describe, expect, it, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { SourceRecord } from '../../src/contracts/types.ts';
import { createFramer } from '../../src/records/framing.ts';
import { isSteep } from '../cost.ts';
import { draws } from '../full.ts';

const origin = { source: 'file', uri: '/x' };

interface Framed {
  records: SourceRecord[];
  ends: { end: number; inArray: boolean }[];
}

/** Frames `content` split at `cuts`. */
function frame(
  content: Buffer | string,
  options: { cuts?: number[]; recordBytes?: number; offset?: number; inArray?: boolean } = {},
): Framed {
  const bytes = Buffer.from(content);
  const records: SourceRecord[] = [];
  const ends: Framed['ends'] = [];
  const framer = createFramer({
    origin,
    recordBytes: options.recordBytes ?? 2 ** 20,
    offset: options.offset ?? 0,
    inArray: options.inArray ?? false,
    emit: (record, end) => {
      records.push(record);
      ends.push({ end, inArray: framer.inArray });
    },
  });
  let from = 0;
  for (const cut of [...(options.cuts ?? []), bytes.length]) {
    framer.push(Buffer.from(bytes.subarray(from, cut)));
    from = cut;
  }
  framer.end();
  // Read only after everything is framed, so that overwritten memory shows.
  return { records: records.map(plain), ends };
}

function plain({ text, offset, fault }: SourceRecord): SourceRecord {
  return { text, origin, offset, ...(fault && { fault }) };
}

const texts = (framed: Framed): string[] => framed.records.map((record) => record.text);
const faults = (framed: Framed): (string | undefined)[] => framed.records.map((record) => record.fault?.code);

describe('broken content', () => {
  test.each([
    ['a line cut after a comma', '{"a":1,\n{"b":2}\n{"c":3}', ['{"a":1,', '{"b":2}', '{"c":3}'], [0]],
    ['a line cut inside a string', '{"a":"x\n{"b":2}\n', ['{"a":"x', '{"b":2}'], [0]],
    ['a line cut inside an escape', '{"a":"x\\\n{"b":2}\n', ['{"a":"x\\', '{"b":2}'], [0]],
    ['a line cut after a key', '{"a"\n{"b":2}\n', ['{"a"', '{"b":2}'], [0]],
    [
      'a pretty document cut off',
      '{\n  "a": {\n    "b": 1\n{"c":3}\n',
      ['{\n  "a": {\n    "b": 1', '{"c":3}'],
      [0],
    ],
    ['brackets that do not match', '{"a":[1}\n{"b":2}', ['{"a":[1}', '{"b":2}'], []],
    ['such brackets in an array', '[{"a":[1},\n{"b":2}]', ['{"a":[1},', '{"b":2}'], [0]],
    ['the last line cut off', '{"a":1}\n{"b":', ['{"a":1}', '{"b":'], [1]],
    ['an element cut off', '[{"a":1},\n{"b":\n"x\n,{"c":3}]', ['{"a":1}', '{"b":\n"x', '{"c":3}'], [1]],
    ['an array that never ends', '[{"a":1}', ['{"a":1}', ''], [1]],
    ['a document with dots in it', '{\n"a":[1, ...]\n}\n{"b":2}', ['{\n"a":[1, ...]\n}', '{"b":2}'], []],
    ['words', 'hello {"a":1}\n{"b":2}\n}\n', ['hello {"a":1}', '{"b":2}', '}'], []],
    ['words after a document', '{"a":1} x\n{"b":2}', ['{"a":1}', 'x', '{"b":2}'], []],
    ['a log line in brackets', '[info] hello\n{"a":1}\n', ['info', 'hello', '{"a":1}'], []],
  ])('%s', (_name, content, expected, faulty) => {
    const framed = frame(content);
    expect(texts(framed)).toEqual(expected);
    expect(faults(framed).flatMap((code, index) => (code === 'truncated' ? [index] : []))).toEqual(faulty);
  });

  it('keeps the start of a record over the cap and continues after it', () => {
    const big = `{"a":{"b":"${'x'.repeat(5_000)}"}}`;
    for (const content of [`${big}\n{"c":1}\n`, `${big}{"c":1}`, `[${big},{"c":1}]`]) {
      for (const cuts of [[], [10, 2_000, 4_000]]) {
        const framed = frame(content, { recordBytes: 2_000, cuts });
        expect(texts(framed)).toEqual([big.slice(0, 1_024), '{"c":1}']);
        expect(faults(framed)).toEqual(['record_too_large', undefined]);
      }
    }
    expect(faults(frame(big, { recordBytes: big.length }))).toEqual([undefined]);
    expect(faults(frame(big, { recordBytes: big.length - 1 }))).toEqual(['record_too_large']);
  });

  it('makes the pending bytes a record with the fault when the content cannot be read further', () => {
    const records: SourceRecord[] = [];
    const framer = createFramer({ origin, recordBytes: 100, emit: (record) => records.push(record) });
    framer.push(Buffer.from('{"a":1}\n{"b":'));
    framer.end({ code: 'object_too_large', reason: 'r' });
    expect(records.map(({ text, offset, fault }) => [text, offset, fault?.code])).toEqual([
      ['{"a":1}', 0, undefined],
      ['{"b":', 8, 'object_too_large'],
    ]);
  });

  it('accepts invalid UTF-8, with replacement characters', () => {
    const framed = frame(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect(framed.records).toEqual([{ text: '{"\ufffd":1}', origin, offset: 0 }]);
  });

  it('is linear for deep nesting, many documents on a line and long runs of whitespace', async () => {
    const inputs: ((n: number) => unknown)[] = [
      (n) => frame('['.repeat(6 * n)),
      (n) => frame('{"a":'.repeat(n)),
      (n) => frame('{}'.repeat(n)),
      (n) => frame(`{}${'{}'.repeat(n)}}\n{`),
      (n) =>
        frame(`{"a":1}\n${' '.repeat(6 * n)}`, {
          cuts: Array.from({ length: n / 100 }, (_, i) => (i + 1) * 500),
        }),
      (n) => frame('{"a":[\n'.repeat(n)),
    ];
    const steep: number[] = [];
    for (const [at, input] of inputs.entries()) {
      if (await isSteep((size) => () => input(size), 40_000)) steep.push(at);
    }
    expect(steep).toEqual([]);
  });
});

describe('containers', () => {
  test.each([
    ['NDJSON', '{"a":1}\n{"b":2}\n', [0, 8]],
    ['CRLF', '{"a":1}\r\n{"b":2}\r\n', [0, 9]],
    ['a mark at the start', '\ufeff{"a":1}\n{"b":2}', [3, 11]],
    ['joined files with marks', '{"a":1}\n\ufeff{"b":2}', [0, 11]],
    ['an array', '[{"a":1},{"b":2}]', [1, 9]],
    ['a pretty array', '[\n  {"a":1},\n  {"b":2}\n]\n', [4, 15]],
    ['joined documents', '{"a":1}{"b":2}', [0, 7]],
    ['joined documents on lines', '{"a":1} {"b":2}\n', [0, 8]],
    ['two arrays', '[{"a":1}]\n[{"b":2}]', [1, 11]],
    ['commas at line ends', '{"a":1},\n{"b":2},\n', [0, 9]],
  ])('%s', (_name, content, offsets) => {
    const framed = frame(content);
    expect(texts(framed)).toEqual(['{"a":1}', '{"b":2}']);
    expect(framed.records.map((record) => record.offset)).toEqual(offsets);
    expect(faults(framed)).toEqual([undefined, undefined]);
  });

  it('keeps a pretty document with compact lines together', () => {
    const content = '{\n"a":\n{"b":1}\n,"c":[\n{"d":1},\n{"e":"}{"}\n]}';
    expect(texts(frame(content))).toEqual([content]);
  });

  it('emits a complete line before the next one arrives', () => {
    const records: SourceRecord[] = [];
    const framer = createFramer({ origin, recordBytes: 1_000, emit: (record) => records.push(record) });
    framer.push(Buffer.from('{"a":1}\n'));
    expect(records).toHaveLength(1);
  });
});

const document = fc
  .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }))
  .filter((value) => JSON.stringify(value) !== undefined);
const cutsOf = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat({ max: length }), { maxLength: 12 }).map((cuts) => cuts.sort((a, b) => a - b));
/** Bytes that look like JSON more often than chance would, including these. */
const almostJsonWith = (...more: readonly string[]): fc.Arbitrary<Buffer> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...more,
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          '\\',
          ' ',
          '\r',
          '\t',
          '}\n{',
          '"a":',
          '{"a":1}',
          '\n',
          '\ufeff',
          '}{',
          'x',
          '1',
          'null',
        ),
        fc.uint8Array({ maxLength: 3 }),
      ),
      { maxLength: 60 },
    )
    .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const almostJson = almostJsonWith();
/** Longer than one copy from a piece into the buffer. */
const LONG = 'x'.repeat(5_000);
const longJson = almostJsonWith(`{"a":"${LONG}"}`, `{"a":"${LONG}"}\n`, LONG, ' '.repeat(5_000));

describe('whatever the content', () => {
  it('yields exactly the documents, in every container', () => {
    const container = fc.constantFrom<(docs: unknown[]) => string>(
      (docs) => docs.map((doc) => JSON.stringify(doc)).join('\n'),
      (docs) => docs.map((doc) => `${JSON.stringify(doc)}\r\n`).join(''),
      (docs) => docs.map((doc) => JSON.stringify(doc)).join(''),
      (docs) => docs.map((doc) => JSON.stringify(doc, null, 2)).join(''),
      (docs) => docs.map((doc) => JSON.stringify(doc, null, '\t')).join('\n'),
      (docs) => JSON.stringify(docs),
      (docs) => JSON.stringify(docs, null, 2),
      (docs) => `\ufeff${JSON.stringify(docs, null, 1).replaceAll('\n', '\r\n')}`,
    );
    fc.assert(
      fc.property(
        fc.array(document, { maxLength: 8 }),
        container,
        fc.array(fc.nat()),
        (docs, write, seeds) => {
          const content = Buffer.from(write(docs));
          const cuts = seeds.map((seed) => seed % (content.length + 1)).sort((a, b) => a - b);
          const framed = frame(content, { cuts });
          expect(texts(framed).map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(docs)));
          expect(framed.records.some((record) => record.fault)).toBe(false);
        },
      ),
      { numRuns: draws(400) },
    );
  });

  test.each([
    [
      'short things',
      fc.oneof(
        almostJson,
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      ),
      [20, 1_000],
      3_000,
    ],
    ['long things', longJson, [1_000, 7_000, 20_000], 2_000],
  ])(
    'does not depend on how the bytes are split, and accounts for each of them: %s',
    (_name, content, caps, numRuns) => {
      const cut = content.chain((bytes) =>
        fc.tuple(fc.constant(bytes), cutsOf(bytes.length), fc.constantFrom(...caps)),
      );
      fc.assert(
        fc.property(cut, ([bytes, cuts, recordBytes]) => {
          const whole = frame(bytes, { recordBytes });
          expect(frame(bytes, { cuts, recordBytes })).toEqual(whole);
          let at = 0;
          for (const [index, record] of whole.records.entries()) {
            expect(punctuation(bytes.subarray(at, record.offset))).toBe('');
            at = whole.ends[index]?.end ?? -1;
            expect(at).toBeGreaterThanOrEqual(record.offset);
            if (!record.fault)
              expect(bytes.toString('utf8', record.offset, at).trimEnd()).toBe(record.text.trimEnd());
          }
          expect(punctuation(bytes.subarray(at))).toBe('');
        }),
        { numRuns: draws(numRuns) },
      );
    },
  );

  it('can start after any record', () => {
    fc.assert(
      fc.property(almostJson, fc.nat(), (content, seed) => {
        const whole = frame(content);
        if (whole.records.length === 0) return;
        const index = seed % whole.records.length;
        const { end = 0, inArray = false } = whole.ends[index] ?? {};
        const rest = frame(content.subarray(end), { offset: end, inArray });
        // The rest after an unclosed array is reported again only when nothing else is left.
        if (end < content.length) expect(rest.records).toEqual(whole.records.slice(index + 1));
      }),
      { numRuns: draws(2_000) },
    );
  });
});

/** What is left of the bytes between records without whitespace, marks and the punctuation of arrays. */
function punctuation(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll('\xef\xbb\xbf', '')
    .replace(/[ \t\r\n,[\]]/g, '');
}
