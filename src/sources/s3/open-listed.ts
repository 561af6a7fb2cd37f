import {
  ObjectChangedError,
  ObjectGoneError,
  type ObjectRef,
  ObjectUnreadableError,
  type OpenObject,
} from '../../objects/object.ts';
import { type Bucket, listPage } from './bucket.ts';
import { s3Open } from './open.ts';

/**
 * Opens listed objects. If one is gone or changed, the listing is checked again: if it still names the same
 * version, nobody deleted or rewrote the object, and the server's listing and its GET contradict each other. It
 * then counts as an object that cannot be read, not as one whose next version will come.
 */
export function openListed(bucket: Bucket, listing: AbortSignal): OpenObject {
  const open = s3Open(bucket);
  return async (ref, start, signal) => {
    try {
      return await open(ref, start, signal);
    } catch (error) {
      if (!(error instanceof ObjectChangedError || error instanceof ObjectGoneError)) throw error;
      if (!(await isStillListed(bucket, ref, listing))) throw error;
      const answer =
        error instanceof ObjectGoneError ? 'is reported as gone' : 'is reported as another version';
      const reason = `it ${answer} when read, but is still listed unchanged`;
      throw new ObjectUnreadableError({ code: 'object_unreadable', reason }, { cause: error });
    }
  };
}

async function isStillListed(bucket: Bucket, ref: ObjectRef, signal: AbortSignal): Promise<boolean> {
  const { objects } = await listPage(bucket, { prefix: ref.key, folders: false, token: undefined }, signal);
  return objects.some(({ key, version }) => key === ref.key && version === ref.version);
}
