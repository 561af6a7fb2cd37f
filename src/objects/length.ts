import { type ObjectRef, ObjectUnreadableError } from './object.ts';

/**
 * To be asked at each piece of a body that has come to byte `at`. Throws `ObjectUnreadableError` when that is more than
 * the object was listed with: then one of the two is another object. Standard input has neither version nor size.
 */
export function refuseExcess(ref: ObjectRef, at: number): void {
  if (at <= ref.size || ref.version === '') return;
  const listed = ref.size < 0 ? 'without a size' : `with ${ref.size} bytes`;
  throw new ObjectUnreadableError({
    code: 'object_unreadable',
    reason: `it is listed ${listed}, and its body is longer`,
  });
}
