import type { Detection } from '../../detections/detection.ts';
import type { Extra } from '../writer/index.ts';

/** Tags for facts of the detection, for searches that need not know the vendor's fields. */
const BY_FACT: readonly (readonly [string, (detection: Detection) => boolean])[] = [
  ['suppressed', ({ suppressed }) => suppressed === true],
  ['resolved', ({ resolved }) => resolved === true],
  ['lockdown', ({ lockdown }) => lockdown === true],
  ['dry-run', (detection) => detection.dry_run],
];

/** The tags that every document has, and those of the detection. */
export function tagsOf(always: readonly string[]): Extra {
  // One list per combination, made before the first detection.
  const lists = Array.from({ length: 2 ** BY_FACT.length }, (_, bits) => [
    ...always,
    ...BY_FACT.filter((__, at) => (bits & (1 << at)) !== 0).map(([tag]) => tag),
  ]);
  return {
    constants: lists,
    which: (detection) =>
      BY_FACT.reduce((bits, [, holds], at) => (holds(detection) ? bits | (1 << at) : bits), 0),
  };
}
