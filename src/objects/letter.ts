import type { Fault, SourceRecord } from '../contracts/types.ts';
import type { ObjectRef, ResumePoint } from './object.ts';

/** A record that stands for an object: for all of it, or for what of it follows the point up to which it is acked. */
export function objectLetter(
  source: string,
  ref: ObjectRef,
  fault: Fault,
  point?: ResumePoint,
): SourceRecord {
  return {
    text: '',
    origin: { source, uri: ref.uri, ...(ref.version !== '' && { version: ref.version }) },
    offset: point?.offset ?? point?.reached ?? 0,
    fault: { ...fault, whole: true },
  };
}
