import type { Detection } from '../detections/detection.ts';
import { compile } from './generated.ts';

export type Getter = (detection: Detection) => unknown;

/** A dotted path in a detection, e.g. `endpoint.port`; a number is an index into a list. */
export const PATH = /^[a-z_]\w*(\.\w+)*$/i;

/**
 * Source text that reads a dotted path from `detection`; undefined as soon as a step is missing. Only names made of
 * letters, digits and _ get into it.
 */
export function readOf(path: string): string {
  if (!PATH.test(path)) throw new Error(`${path} is not a path`);
  const [root, ...steps] = path.split('.');
  const reads = steps.map((step) => (/^\d/.test(step) ? `?.['${step}']` : `?.${step}`));
  return `detection.${root}${reads.join('')}`;
}

export function rootOf(path: string): string {
  return path.split('.', 1)[0] ?? path;
}

const GETTERS = new Map<string, Getter>();

/**
 * Reads a dotted path. Compiled from source text, so that each getter's property loads are as fast as hand-written
 * ones; one per path, and only when first used: most paths are never read in a run.
 */
export function getter(path: string): Getter {
  const known = GETTERS.get(path);
  if (known !== undefined) return known;
  const source = `return ${readOf(path)};`;
  let get: Getter | undefined;
  const lazy: Getter = (detection) => {
    get ??= compile(['detection'], source, {}) as Getter;
    return get(detection);
  };
  GETTERS.set(path, lazy);
  return lazy;
}
