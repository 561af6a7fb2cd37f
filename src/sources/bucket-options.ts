import { z } from 'zod';
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
    if (options.queue_url !== undefined) {
      const why = 'with queue_url, whose messages name what is new (a backfill lists from --from to --to)';
      refuseMeaningless(options, ['start', 'full_list_every'], why, context);
      return;
    }
    refuseMeaningless(options, ['queue_wait', 'queue_visibility'], 'without queue_url', context);
    if (options.start === undefined) {
      const message =
        'required without queue_url: expected beginning, now, or a time such as 2026-01-31T00:00:00Z';
      context.addIssue({ code: 'custom', path: ['start'], message });
    }
  })
  .transform(({ start, full_list_every, queue_url, queue_wait, queue_visibility, ...bucket }) => {
    if (queue_url !== undefined)
      return withQueueDefaults({ ...bucket, queue_url, queue_wait, queue_visibility });
    // The rules above let nothing without a start through.
    return withListingDefaults({ ...bucket, start: start ?? 'now', full_list_every });
  })
  .meta({ anyOf: [{ required: ['start'] }, { required: ['queue_url'] }] });

export type BucketSourceOptions = S3SourceOptions | SqsSourceOptions;

export function namesQueue(options: BucketSourceOptions): options is SqsSourceOptions {
  return 'queue_url' in options;
}
