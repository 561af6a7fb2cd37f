import * as z from 'zod';
import { durationIfGiven } from '../../options/duration.ts';
import { serviceUrl } from '../../options/service-url.ts';
import { bucketShape } from '../s3/options.ts';

const WAIT_MS = 20_000;
const VISIBILITY_MS = 300_000;

/** What a bucket's queue adds to the options of the bucket. */
export const queueShape = {
  queue_url: serviceUrl.describe(
    'URL of an SQS queue with notifications of the bucket (from S3, through SNS, or from EventBridge). `run` then reads the objects that the messages name instead of listing the bucket, any number of runs may share the queue, and there is no lease or checkpoint. A backfill still lists the bucket.',
  ),
  queue_wait: durationIfGiven('20s', { min: '1s', max: '20s' }).describe(
    'How long a request to the queue waits for a message; a pass ends if none arrives.',
  ),
  queue_visibility_timeout: durationIfGiven('5m', { min: '1s', max: '12h' }).describe(
    'How soon a message held by a killed run is received again. Extended while its object is being read.',
  ),
};

export const sqsSourceOptions = z
  .strictObject({ ...bucketShape, ...queueShape })
  .transform(withQueueDefaults);

/** Fills in the options that were not given. */
export function withQueueDefaults<
  T extends {
    readonly queue_wait?: number | undefined;
    readonly queue_visibility_timeout?: number | undefined;
  },
>(options: T) {
  const { queue_wait = WAIT_MS, queue_visibility_timeout = VISIBILITY_MS } = options;
  return { ...options, queue_wait, queue_visibility_timeout };
}

export type SqsSourceOptions = z.output<typeof sqsSourceOptions>;
