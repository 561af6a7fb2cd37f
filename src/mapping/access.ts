import { compileFunction } from 'node:vm';
import type { Detection } from '../detections/detection.ts';

export type Getter = (detection: Detection) => unknown;

const PATH = /^[a-z_]\w*(?:\.\w+)*$/i;

/**
 * Source text that reads a dotted path of `detection`; undefined as soon as a step is missing. Only names of letters,
 * digits and _ come into it.
 */
export function sourceOf(path: string): string {
  if (!PATH.test(path)) throw new Error(`${path} is no path`);
  return `detection.${path.replaceAll('.', '?.')}`;
}

const GETTERS = new Map<string, Getter>();

/**
 * Reads a dotted path. Made as source text, so that each getter's property loads are as fast as hand-written ones; one
 * for each path, and not before it is used: most of what all kinds could read is never read in a run.
 */
export function getter(path: string): Getter {
  const known = GETTERS.get(path);
  if (known !== undefined) return known;
  const source = `return ${sourceOf(path)};`;
  let get: Getter | undefined;
  const lazy: Getter = (detection) => {
    get ??= compile(['detection'], source, {}) as Getter;
    return get(detection);
  };
  GETTERS.set(path, lazy);
  return lazy;
}

/**
 * A function of a body in source text and the values that it names. Callers put nothing into the text but names made
 * here and paths that `sourceOf` has looked at.
 */
export function compile(
  parameters: readonly string[],
  body: string,
  names: Readonly<Record<string, unknown>>,
): unknown {
  const text = `'use strict'; return function (${parameters.join(', ')}) { ${body} };`;
  return compileFunction(text, Object.keys(names))(...Object.values(names));
}
