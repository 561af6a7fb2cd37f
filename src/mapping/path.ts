import type { Detection } from '../detections/detection.ts';
import { compile } from './generated.ts';

export type Getter = (detection: Detection) => unknown;

/** A dotted path of a detection, e.g. `endpoint.port`; a number is a place in a list. */
export const PATH = /^[a-z_]\w*(\.\w+)*$/i;

/**
 * Source text that reads a dotted path of `detection`; undefined as soon as a step is missing. Only names of letters,
 * digits and _ come into it.
 */
export function readOf(path: string): string {
  if (!PATH.test(path)) throw new Error(`${path} is no path`);
  const [root, ...steps] = path.split('.');
  const reads = steps.map((step) => (/^\d/.test(step) ? `?.['${step}']` : `?.${step}`));
  return `detection.${root}${reads.join('')}`;
}

export function rootOf(path: string): string {
  return path.split('.', 1)[0] ?? path;
}

const GETTERS = new Map<string, Getter>();

/**
 * Reads a dotted path. Made as source text, so that each getter's property loads are as fast as hand-written ones; one
 * for each path, and not before it is used: most of what all kinds could read is never read in a run.
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
