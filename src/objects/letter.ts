import type { Fault, SourceRecord } from '../contracts/types.ts';
import type { ObjectRef, ResumePoint } from './object.ts';

/** A record that represents an object: all of it, or the part after the point up to which it is acked. */
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
