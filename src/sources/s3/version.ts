import type { ObjectRef } from '../../objects/object.ts';

/** What S3 says about one version of an object, in a listing or in the reply to a HEAD. */
interface Described {
  readonly ETag?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
}

/** What the reply to a GET says about the object it is from. */
export interface Replied {
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  /** Of the whole object, whatever range was asked for. */
  readonly total: number | undefined;
}

/** A size that is not told. No object has it, so an object listed with it is never taken for the one that is opened. */
export const UNKNOWN_SIZE = -1;

/** The object that a listing describes. `now` stands in for a missing time: as young as can be. */
export function refOf(uri: string, key: string, described: Described, now: number): ObjectRef {
  const { ETag = '', Size: size = UNKNOWN_SIZE, LastModified } = described;
  const tag = opaqueTag(ETag);
  return {
    uri,
    key,
    version: tag === '' ? datedVersion(size, LastModified) : tag,
    size,
    modified: LastModified?.getTime() ?? now,
    // A weak one never matches in a condition (RFC 9110, 13.1.1), and none cannot be asked for.
    ...((tag === '' || isWeak(ETag)) && { unconditional: true as const }),
  };
}

/** An ETag without quotes and without the mark of a weak one: what a weak comparison looks at (RFC 9110, 8.8.3.2). */
export function opaqueTag(etag: string): string {
  return etag.trim().replace(/^W\//i, '').replaceAll('"', '');
}

function isWeak(etag: string): boolean {
  return /^\s*W\//i.test(etag);
}

/** Whether the reply is from the version that was listed. One without an ETag is told by size and time. */
export function isVersion(
  ref: ObjectRef,
  { ETag = '', LastModified, total = UNKNOWN_SIZE }: Replied,
): boolean {
  if (ref.version === '') return true;
  const tag = opaqueTag(ETag);
  if (tag !== '' && tag === ref.version) return true;
  if (ref.version === datedVersion(total, LastModified)) return true;
  // No tag to compare: the condition of the request has to do, where there was one.
  return tag === '' && ref.unconditional === undefined && total === ref.size;
}

/** For servers without ETags. In seconds: a listing has fractions that the header of a GET has not. */
function datedVersion(size: number, modified: Date | undefined): string {
  const seconds = modified === undefined ? 'undated' : Math.floor(modified.getTime() / 1_000);
  return `${size}-${seconds}`;
}
