import { type ObjectRef, ObjectUnreadableError } from './object.ts';

/**
 * Called for each piece of a body, up to byte `at`. Throws `ObjectUnreadableError` if that is more than the listed
 * size: the object read is then not the one listed. Standard input has neither version nor size.
 */
export function refuseExcess(ref: ObjectRef, at: number): void {
  if (at <= ref.size || ref.version === '') return;
  const listed = ref.size < 0 ? 'without a size' : `with ${ref.size} bytes`;
  throw new ObjectUnreadableError({
    code: 'object_unreadable',
    reason: `it was listed ${listed}, but its body is longer`,
  });
}
