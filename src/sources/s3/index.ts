import { identifyConnection } from '../../aws/connection.ts';
import type { SourceComponent } from '../../contracts/source.ts';
import { compareKeys } from './key-order.ts';
import { type S3SourceOptions, s3SourceOptions } from './options.ts';
import { parseTemplate } from './template.ts';

/**
 * Objects of an S3 bucket, each version once. Counters: `s3_list`, `s3_get`, `objects_listed`, `objects_read`,
 * `objects_read_alone`, `objects_known`, `objects_outside`, `objects_of_other_shards`, `objects_ignored`, `objects_ours`,
 * `objects_gone`, `objects_changed`, `objects_failed`, `folders_skipped`, `bytes_read`.
 */
export const s3Source = {
  schema: s3SourceOptions,
  shards: true,

  name: ({ bucket }) => `s3://${bucket}`,

  label: ({ bucket }) => `s3:${bucket}`,

  reads: ({ bucket, endpoint, prefixes }) => ({
    option: 'prefixes',
    bucket,
    endpoint,
    // Folders whose names do not fit the template are listed as well: everything below its fixed part is read.
    prefixes: prefixes.map((prefix) => parseTemplate(prefix).root),
  }),

  identify: (options) =>
    JSON.stringify([
      's3',
      identifyConnection(options),
      options.bucket,
      options.prefixes.toSorted(compareKeys),
    ]),

  async create(options, context) {
    const { openS3Source } = await import('./source.ts');
    return openS3Source(options, context);
  },

  async describe(parts) {
    const { describeProgress } = await import('./describe.ts');
    return describeProgress(parts);
  },

  async revisit(options, again, parts, context) {
    const { reach } = await import('./reach.ts');
    const { revisitObjects } = await import('./revisit.ts');
    const { bucket, templates } = await reach(options, context);
    try {
      return await revisitObjects({ bucket, templates, parts, again });
    } finally {
      bucket.client.destroy();
    }
  },

  async *check(options, context) {
    const { reach } = await import('./reach.ts');
    const { checkBucket } = await import('./check.ts');
    const { bucket } = await reach(options, context);
    try {
      yield* checkBucket(
        bucket,
        options.prefixes.map((text) => ({ text, template: parseTemplate(text) })),
      );
    } finally {
      bucket.client.destroy();
    }
  },
} satisfies SourceComponent<S3SourceOptions>;
