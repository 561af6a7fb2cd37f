import type { BucketPlace } from '../contracts/place.ts';

/** Describes the problem if a source that reads `reads` would find what is written to `own`. */
export function bucketOverlap(own: BucketPlace, reads: BucketPlace): string | undefined {
  const same = sameBucket(reads, own);
  if (same === 'no') return undefined;
  for (const prefix of own.prefixes) {
    for (const read of reads.prefixes) {
      if (read.startsWith(prefix))
        return `s3://${own.bucket}/${prefix} contains what source.${reads.option} names`;
      if (same === 'yes' && prefix.startsWith(read))
        return `s3://${own.bucket}/${prefix} is under source.${reads.option} (${read === '' ? 'the whole bucket' : read})`;
    }
  }
  return undefined;
}

/** `maybe`: one bucket name at two addresses that may be the same server, or a name that may resolve to any bucket. */
export function sameBucket(one: BucketPlace, other: BucketPlace): 'yes' | 'maybe' | 'no' {
  if (one.bucket === other.bucket) return serverOf(one) === serverOf(other) ? 'yes' : 'maybe';
  return isAccessPoint(one.bucket) || isAccessPoint(other.bucket) ? 'maybe' : 'no';
}

function serverOf({ endpoint }: BucketPlace): string {
  if (endpoint === undefined) return 'aws';
  const { hostname, origin } = new URL(endpoint);
  return hostname.endsWith('.amazonaws.com') ? 'aws' : origin;
}

function isAccessPoint(bucket: string): boolean {
  return bucket.startsWith('arn:') || /(?:-s3alias|--ol-s3)$/.test(bucket);
}
