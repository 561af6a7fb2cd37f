import { isObject } from '../../contracts/json.ts';
import type { Detection } from '../../detections/detection.ts';

/** Facts that may have any member: the payload, and the parts of it that are kept. */
const ANY = new Set(['payload', 'unmapped', 'failure_data']);

/** The problem with a path that rules and sentences read; undefined if there is none. */
export type PathLint = (path: string) => string | undefined;

/**
 * The existing facts, taken from some detections: every detection has all roots, and each object has all its
 * members.
 */
export function pathLint(detections: Iterable<Detection>): PathLint {
  const known = new Map<string, Set<string>>();
  for (const detection of detections) note(detection, '', known);
  return (path) => {
    const keys = path.split('.');
    for (let at = 0; at < keys.length; at += 1) {
      if (at === 1 && ANY.has(keys[0] ?? '')) return undefined;
      const members = known.get(keys.slice(0, at).join('.'));
      // Anything that is not an object in any of these detections may have any member.
      if (members === undefined) return undefined;
      if (!members.has(keys[at] ?? '')) return `no detection has ${path}`;
    }
    return undefined;
  };
}

function note(object: object, prefix: string, known: Map<string, Set<string>>): void {
  const members = known.get(prefix) ?? new Set();
  known.set(prefix, members);
  for (const [key, value] of Object.entries(object)) {
    members.add(key);
    if (isObject(value) && !(prefix === '' && ANY.has(key)))
      note(value, prefix === '' ? key : `${prefix}.${key}`, known);
  }
}
