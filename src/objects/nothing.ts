import type { ObjectRef } from './object.ts';

/** The smallest detection is several times longer, even compressed. */
const TEST_BYTES = 256;

/**
 * Objects without detections: empty ones, such as folder markers, and the files of the vendor's connection test.
 * The name alone is not enough: anyone who can choose a name could hide an alert.
 */
export function isNothing({ key, size }: Pick<ObjectRef, 'key' | 'size'>): boolean {
  if (size === 0) return true;
  return size > 0 && size <= TEST_BYTES && /(?:^|\/)temp\.json$/.test(key);
}
