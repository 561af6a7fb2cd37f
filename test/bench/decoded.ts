import type { transformOf } from '../../src/session/transform.ts';

type Decoded =
  ReturnType<ReturnType<typeof transformOf>['decode']> extends Iterable<infer Each> ? Each : never;

/** The detections that a record held; what it could not be read as is none of a benchmark. */
export function* detectionsOf({ entries }: Decoded) {
  for (const entry of entries) if ('detection' in entry) yield entry.detection;
}
