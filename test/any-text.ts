import { type Arbitrary, integer, string } from 'fast-check';

/**
 * Text of arbitrary characters. fast-check's own (`unit: 'binary'`) first lists all 1.1 million of them, which takes
 * over a second in each suite.
 */
export const anyText = (maxLength?: number): Arbitrary<string> =>
  string({ unit: character, ...(maxLength !== undefined && { maxLength }) });

const SURROGATES = 0x800;
const character = integer({ min: 0, max: 0x10ffff - SURROGATES }).map((at) =>
  String.fromCodePoint(at < 0xd800 ? at : at + SURROGATES),
);
