import { compileFunction } from 'node:vm';

/**
 * A function of a body in source text and the values that it names. Callers put nothing into the text but names and
 * numbers made by this program and paths that `readOf` has checked: no text of a mapping or an option becomes code.
 */
export function compile(
  parameters: readonly string[],
  body: string,
  names: Readonly<Record<string, unknown>>,
): unknown {
  const text = `'use strict'; return function (${parameters.join(', ')}) {\n${body}\n};`;
  return compileFunction(text, Object.keys(names))(...Object.values(names));
}
