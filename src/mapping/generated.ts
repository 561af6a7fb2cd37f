import { compileFunction } from 'node:vm';

/**
 * Makes a function from a body in source text and the values that it names. Callers only put names and numbers made
 * by this program, and paths that `readOf` has validated, into the text: no text from a mapping or an option
 * becomes code.
 */
export function compile(
  parameters: readonly string[],
  body: string,
  names: Readonly<Record<string, unknown>>,
): unknown {
  const text = `'use strict'; return function (${parameters.join(', ')}) {\n${body}\n};`;
  return compileFunction(text, Object.keys(names))(...Object.values(names));
}
