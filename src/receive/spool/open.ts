import { type SpoolPlace } from '../../config/spool.ts';
import type { Context } from '../../contracts/component.ts';
import { type FolderSpool, openFolder } from './folder.ts';
import type { Spool } from './spool.ts';

/** Opens the spool where the source reads; `folder` if it is one, which can be tidied. */
export async function openSpool(
  place: SpoolPlace,
  maxBytes: number,
  context: Context,
): Promise<{ readonly spool: Spool; readonly folder?: FolderSpool }> {
  if (place.type === 's3') {
    // The SDK is loaded only if it is needed.
    const { openBucket } = await import('./bucket.ts');
    return { spool: openBucket(place, context) };
  }
  const folder = await openFolder(place.path, maxBytes);
  return { spool: folder, folder };
}
