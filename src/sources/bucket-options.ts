import * as z from 'zod';
import { refuseMeaningless } from '../options/meaningless.ts';
import { bucketShape, listingShape, type S3SourceOptions, withListingDefaults } from './s3/options.ts';
import { queueShape, type SqsSourceOptions, withQueueDefaults } from './sqs/options.ts';

/** `type: s3`: a bucket that is listed, or, with `queue_url`, one whose queue names what is new. */
export const bucketOptions = z
  .strictObject({
    ...bucketShape,
    ...listingShape,
    start: listingShape.start.optional(),
    ...queueShape,
    queue_url: queueShape.queue_url.optional(),
  })
  .superRefine((options, context) => {
    // What is said of listing may stay when a queue is added: it has no effect on it.
    if (options.queue_url !== undefined) return;
    refuseMeaningless(options, ['queue_wait', 'queue_visibility_timeout'], 'without queue_url', context);
    if (options.start === undefined) {
      const message =
        'required without queue_url: expected beginning, now, or a time such as 2026-01-31T00:00:00Z';
      context.addIssue({ code: 'custom', path: ['start'], message });
    }
  })
  .transform(({ start, full_list_interval, queue_url, queue_wait, queue_visibility_timeout, ...bucket }) => {
    if (queue_url !== undefined)
      return withQueueDefaults({ ...bucket, queue_url, queue_wait, queue_visibility_timeout });
    // The rules above let nothing without a start through.
    return withListingDefaults({ ...bucket, start: start ?? 'now', full_list_interval });
  })
  .meta({ anyOf: [{ required: ['start'] }, { required: ['queue_url'] }] });

export type BucketSourceOptions = S3SourceOptions | SqsSourceOptions;

export function namesQueue(options: BucketSourceOptions): options is SqsSourceOptions {
  return 'queue_url' in options;
}
