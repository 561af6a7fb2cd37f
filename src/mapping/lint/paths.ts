import { isObject } from '../../contracts/json.ts';
import type { Detection } from '../../detections/detection.ts';

/** What may have any member: the payload, and what is kept of it. */
const ANY = new Set(['payload', 'unmapped', 'failure_data']);

/** Tells what is wrong with a path that rules and sentences read; undefined when nothing is. */
export type PathLint = (path: string) => string | undefined;

/** The facts there are, as some detections have them: every one of them has all roots, and an object all its members. */
export function pathLint(detections: Iterable<Detection>): PathLint {
  const known = new Map<string, Set<string>>();
  for (const detection of detections) note(detection, '', known);
  return (path) => {
    const keys = path.split('.');
    for (let at = 0; at < keys.length; at += 1) {
      if (at === 1 && ANY.has(keys[0] ?? '')) return undefined;
      const members = known.get(keys.slice(0, at).join('.'));
      // What no detection here has as an object may have any.
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
