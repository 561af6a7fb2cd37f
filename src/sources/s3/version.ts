import type { ObjectRef } from '../../objects/object.ts';

/** What S3 says about one version of an object, in a listing or in a HEAD reply. */
interface Described {
  readonly ETag?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
}

/** What a GET reply says about the object it contains. */
export interface Replied {
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  /** Of the whole object, whatever range was requested. */
  readonly total: number | undefined;
}

/** An unknown size. No object has it, so an object listed with it never counts as the one that is opened. */
export const UNKNOWN_SIZE = -1;

/** The object that a listing describes. `now` replaces a missing time: the latest possible one. */
export function refOf(uri: string, key: string, described: Described, now: number): ObjectRef {
  const { ETag = '', Size: size = UNKNOWN_SIZE, LastModified } = described;
  const tag = opaqueTag(ETag);
  return {
    uri,
    key,
    version: tag === '' ? datedVersion(size, LastModified) : tag,
    size,
    modified: LastModified?.getTime() ?? now,
    // A weak ETag never matches in a condition (RFC 9110, 13.1.1), and a missing one cannot be used in it.
    ...((tag === '' || isWeak(ETag)) && { unconditional: true as const }),
  };
}

/** An ETag without quotes and without the mark of a weak one, as in a weak comparison (RFC 9110, 8.8.3.2). */
export function opaqueTag(etag: string): string {
  return etag.trim().replace(/^W\//i, '').replaceAll('"', '');
}

function isWeak(etag: string): boolean {
  return /^\s*W\//i.test(etag);
}

/** Whether the reply is for the version that was listed. Without an ETag, size and time decide. */
export function isVersion(
  ref: ObjectRef,
  { ETag = '', LastModified, total = UNKNOWN_SIZE }: Replied,
): boolean {
  if (ref.version === '') return true;
  const tag = opaqueTag(ETag);
  if (tag !== '' && tag === ref.version) return true;
  if (ref.version === datedVersion(total, LastModified)) return true;
  // No ETag to compare: the request's condition has to be enough, if it had one.
  return tag === '' && ref.unconditional === undefined && total === ref.size;
}

/** For servers without ETags. In seconds: a listing has fractions that a GET's header lacks. */
function datedVersion(size: number, modified: Date | undefined): string {
  const seconds = modified === undefined ? 'undated' : Math.floor(modified.getTime() / 1_000);
  return `${size}-${seconds}`;
}
