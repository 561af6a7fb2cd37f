import type { SourceContext } from '../../contracts/source.ts';
import type { Source } from '../../contracts/types.ts';
import type { Bucket } from '../s3/bucket.ts';
import { fetchRange, successorOf } from '../s3/fetch-range.ts';
import type { Template } from '../s3/template.ts';
import type { SqsSourceOptions } from './options.ts';
import { createSqsClient } from './queue.ts';
import { createQueueReader } from './read.ts';

export interface QueueSourceParts {
  readonly bucket: Bucket;
  readonly templates: readonly Template[];
  readonly context: Pick<SourceContext, 'batch' | 'limits'>;
}

const NO_CHANGES: ReadonlyMap<string, Buffer | null> = new Map();

/** The bucket's objects as announced through a queue. Sends no request to the queue before the first `read`. */
export function createQueueSource(options: SqsSourceOptions, parts: QueueSourceParts): Source {
  const { bucket, context } = parts;
  const url = options.queue_url;
  const client = createSqsClient(options, url, { signal: bucket.context.abort, waitMs: options.queue_wait });
  const queue = {
    client,
    url,
    waitMs: options.queue_wait,
    visibilityMs: options.queue_visibility_timeout,
    context: bucket.context,
  };
  const window = { objects: options.fetch_concurrency, bytes: options.fetch_bytes };
  const reader = createQueueReader({ queue, window, ...parts });
  return {
    read: (stop) => reader.read(stop),
    progress: () => NO_CHANGES,
    leftUnread: () => reader.leftUnread(),
    fetch: (origin, from, to) => fetchRange(bucket, context, origin, from, to),
    // A queue does not record what was read.
    successor: (origin) => successorOf(bucket, origin, () => false),
    async close() {
      await reader.close();
      client.destroy();
      bucket.client.destroy();
    },
  };
}
