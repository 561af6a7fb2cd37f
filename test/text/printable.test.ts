import { describe, expect, it } from '@jest/globals';
import { printable, printableJson, printableLines } from '../../src/text/printable.ts';

/** Every character that starts a line, moves the cursor, or changes the writing direction. */
const STEERING = [
  '\u0000',
  '\u0007',
  '\b',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u2028',
  '\u202e',
  '\u2066',
];

describe('a name for a message or a terminal', () => {
  it.each([
    ['a\nb\r\nc\td', 'a\\nb\\r\\nc\\td'],
    ['\u001b[31mred\u009b0m', '\\x1b[31mred\\x9b0m'],
    ['\u202egpj.exe\u2028', '\\u202egpj.exe\\u2028'],
    ['half \ud83d of a pair', 'half \\ud83d of a pair'],
    ['zürich/日本/😀 a\\b "c"', 'zürich/日本/😀 a\\b "c"'],
  ])('%j', (name, shown) => {
    expect(printable(name)).toBe(shown);
    expect(printable(shown)).toBe(shown);
  });

  it('keeps the lines of a multi-line text', () => {
    expect(printableLines('one\n\ttwo\r\u001b[2J')).toBe('one\n\ttwo\\r\\x1b[2J');
  });

  it('means the same as JSON', () => {
    const value = { text: STEERING.join('x'), 'a\u009bb': ['\n'] };
    for (const indent of [undefined, 2]) {
      const json = printableJson(value, indent);
      expect(JSON.parse(json)).toEqual(value);
      expect(STEERING.filter((character) => json.includes(character))).toEqual([]);
    }
  });
});
