import type { transformOf } from '../../src/session/transform.ts';

type Decoded =
  ReturnType<ReturnType<typeof transformOf>['decode']> extends Iterable<infer Each> ? Each : never;

/** The detections in a record; a benchmark ignores what could not be decoded. */
export function* detectionsOf({ entries }: Decoded) {
  for (const entry of entries) if ('detection' in entry) yield entry.detection;
}
