/** A place that something is read from or written to, as far as the options show. Never contains credentials. */
export type Place = DiskPlace | BucketPlace;

export interface DiskPlace {
  /** The option that names it, for messages. */
  readonly option: string;
  /** A file or a folder; for a source, it may be a pattern. */
  readonly path: string;
}

export interface BucketPlace {
  readonly option: string;
  readonly bucket: string;
  /** Absent for AWS. */
  readonly endpoint?: string | undefined;
  /** Prefixes of the keys. */
  readonly prefixes: readonly string[];
}

export function isBucket(place: Place): place is BucketPlace {
  return 'bucket' in place;
}
