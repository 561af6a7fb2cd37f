import { expect, it, jest, test } from '@jest/globals';
import { NAME_PARTS } from '../../src/redaction/names.ts';
import { PROGRAM_FLAGS } from '../../src/redaction/programs.ts';
import { createRedactor, DEFAULT_REDACTOR } from '../../src/redaction/redactor.ts';
import { costsMoreThanItsParts } from '../cost.ts';
import { FULL, rows } from '../full.ts';
import { made, placed, SHAPES } from './corpus.ts';

/**
 * Characters in an adversarial text, and how many rows of a rule share one: a megabyte for each row would take CI many
 * minutes.
 */
const [LENGTH, SHARING] = FULL ? [2 ** 20, 8] : [2 ** 14, 4];

jest.setTimeout(FULL ? 600_000 : 60_000);

const percent = (text: string): string =>
  text.replaceAll(/[^\d]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'percent-encoded': percent,
  'percent-encoded three times': (text) => percent(percent(percent(text))),
  'in base64': base64,
  'in base64 of base64': (text) => base64(base64(base64(text))),
  'with invisible characters': (text) => text.split('').join('\u200b'),
  'escaped as JSON': (text) =>
    text.replaceAll(/[a-z]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
};

const READERS: readonly [string, (text: string) => unknown][] = [
  ['text', DEFAULT_REDACTOR.text],
  ['mayHold', DEFAULT_REDACTOR.mayHold],
  ['the shortened text of a letter', (text) => DEFAULT_REDACTOR.raw(text, true)],
];

/** Repeats each unit many times, one unit after the other. */
function repeated(units: readonly string[]): string {
  const length = LENGTH / units.length;
  return units.map((unit) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)).join('\n');
}

/** Units that cost more in one long text than in short ones, when they are repeated. */
async function slow(
  units: readonly string[],
  encode: (text: string) => string = (text) => text,
  readers = FULL ? READERS : READERS.slice(0, 1),
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < units.length; at += SHARING) {
    const some = units.slice(at, at + SHARING);
    const text = repeated(some.map(encode));
    for (const [name, read] of readers)
      if (await costsMoreThanItsParts(read, text)) found.push(`${name}: ${some.join(' | ')}`);
  }
  return found;
}

function halves(text: string): string[] {
  const half = text.slice(0, Math.ceil(text.length / 2));
  return [text, `${text} `, `${text.slice(0, -1)}\n`, half, `${half} `];
}

test.each(SHAPES.map((shape) => [shape.name, shape] as const))('%s', async (_, { begins, goes }) => {
  const token = made(goes, 3);
  const units = [
    ...begins.slice(0, 3).flatMap((begin) => [begin, `${begin} `, `${begin}a3B`]),
    ...halves(token),
  ];
  expect(await slow(units)).toEqual([]);
  // A long run after a single start, of characters that continue it and of characters that end it.
  for (const run of ['aB3', '-', 'a/', '. ']) {
    const text = `${begins[0]}${run.repeat(LENGTH / run.length)}`;
    expect([run, await costsMoreThanItsParts(DEFAULT_REDACTOR.text, text)]).toEqual([run, false]);
  }
});

test.each(placed(3).map(([place, text, secret]) => [place, text, secret] as const))(
  'by its place: %s',
  async (_, text, secret) => {
    const at = text.indexOf(secret);
    expect(
      await slow([`${text} `, text.slice(0, at), `${text.slice(0, at)} `, `${text.slice(0, at)}"`]),
    ).toEqual([]);
  },
);

test.each(Object.entries(ENCODINGS))('%s', async (_, encode) => {
  const texts = [
    ...placed(3)
      .slice(0, FULL ? undefined : 8)
      .map(([, text]) => text),
    made('ghp_{alnum:36} ', 3),
  ];
  expect(await slow(texts, encode)).toEqual([]);
});

it('names and flags', async () => {
  const units = [...NAME_PARTS, ...PROGRAM_FLAGS, 'mysql -p', 'curl -u a', 'curl ', 'docker login -p '];
  expect(await slow(units.flatMap((unit) => [unit, `${unit}=`, `${unit}: "`, `"${unit}","`]))).toEqual([]);
});

it('an argument list, an object, and keys that become equal', async () => {
  const words = rows(3, ['--token', 'curl', '-u', '-p', 'x:y', 'Authorization:', 'set']);
  const readers: typeof READERS = [
    ['a list', (text) => DEFAULT_REDACTOR.value(text.split(' '))],
    ['arguments', (text) => DEFAULT_REDACTOR.value({ exe: '/usr/bin/curl', arguments: text.split(' ') })],
    [
      'keys',
      (text) =>
        DEFAULT_REDACTOR.value(
          Object.fromEntries(text.split(' ').map((key, at) => [`token=${key}${at}x`, key])),
        ),
    ],
    ['raw JSON', (text) => DEFAULT_REDACTOR.raw(JSON.stringify({ a: text.split(' ') }))],
  ];
  expect(
    await slow(
      words.flatMap((word) => [`${word} `, `${word} x `]),
      undefined,
      readers,
    ),
  ).toEqual([]);
});

it('the operator’s own patterns, names and exceptions', async () => {
  const own = createRedactor({
    patterns: [
      { rule: 'nested', pattern: '(a+)+b' },
      { rule: 'either', pattern: '(a|aa)+$' },
    ],
    names: ['aaa'],
    exceptions: ['(a*)*c'],
  });
  expect(await slow(['a', 'aaa=', 'ab'], undefined, [['text', own.text]])).toEqual([]);
});

it('finds a rule that takes quadratic time', async () => {
  const square = (text: string): boolean => /a+$/.test(text);
  expect(await costsMoreThanItsParts(square, `${'a'.repeat(2 ** 14)}!`)).toBe(true);
});
