import type { SourceComponent } from '../../contracts/source.ts';
import { s3Source } from '../s3/index.ts';
import { FULL_LIST_EVERY_MS, type S3SourceOptions } from '../s3/options.ts';
import { type SqsSourceOptions, sqsSourceOptions } from './options.ts';

/**
 * Objects of an S3 bucket, as announced through an SQS queue. A backfill lists the bucket. Counters: those of the S3
 * source without `s3_list`, and `queue_receives`, `queue_messages`, `queue_redelivered`, `queue_heartbeats`,
 * `queue_heartbeat_failures`, `queue_deletes`, `queue_delete_failures`, `queue_ignored` (events), `queue_unreadable`
 * (messages).
 */
export const sqsSource: SourceComponent<SqsSourceOptions> = {
  schema: sqsSourceOptions,
  shards: true,
  shared: true,

  // Events belong to the bucket however they were found: a run that lists and one that reads the queue are equivalent.
  name: (options) => s3Source.name(listed(options)),
  label: (options) => s3Source.label(listed(options)),
  reads: (options) => s3Source.reads(listed(options)),
  identify: (options) => s3Source.identify(listed(options)),

  async create(options, context) {
    if (context.backfill !== undefined) return s3Source.create(listed(options), context);
    const { reach } = await import('../s3/reach.ts');
    const { createQueueSource } = await import('./source.ts');
    const { bucket, templates } = await reach(options, context);
    return createQueueSource(options, { bucket, templates, context });
  },

  /** Describes its backfills: a queue leaves nothing in the state. */
  describe: async (parts) => (await s3Source.describe?.(parts)) ?? [],

  async *check(options, context) {
    yield* s3Source.check?.(listed(options), context) ?? [];
    const { checkQueue } = await import('./check.ts');
    yield* checkQueue(options, context);
  },
};

/**
 * The same bucket without the queue. Where a run would start does not matter, because only backfills read it this way.
 */
function listed(options: SqsSourceOptions): S3SourceOptions {
  return { ...options, start: 'beginning', full_list_interval: FULL_LIST_EVERY_MS };
}
