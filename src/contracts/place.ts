/** A place that something is read from or written to, as far as the options show it. Without credentials. */
export type Place = DiskPlace | BucketPlace;

export interface DiskPlace {
  /** The option that names it, for messages. */
  readonly option: string;
  /** A file, a folder, or of a source a pattern. */
  readonly path: string;
}

export interface BucketPlace {
  readonly option: string;
  readonly bucket: string;
  /** AWS when absent. */
  readonly endpoint?: string | undefined;
  /** What keys begin with. */
  readonly prefixes: readonly string[];
}

export function isBucket(place: Place): place is BucketPlace {
  return 'bucket' in place;
}
