import { identifyConnection } from '../../aws/connection.ts';
import type { SourceComponent } from '../../contracts/source.ts';
import { createEmptyWarning } from '../../objects/empty.ts';
import { openInHand } from '../../objects/in-hand.ts';
import { compareKeys } from './key-order.ts';
import { loadProgress } from './load-progress.ts';
import { type S3SourceOptions, s3SourceOptions } from './options.ts';
import { reach } from './reach.ts';
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
    // Folders whose name a template cannot read are listed as well: everything below its fixed part is read.
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
    const { bucket, templates } = await reach(options, context);
    const window = { objects: options.fetch_concurrency, bytes: options.fetch_bytes };
    const leavesOut = templates.some(({ segments }) => segments.length > 0);
    const progress = await loadProgress(
      {
        start: options.start,
        latenessMs: options.allowed_lateness,
        fullListEveryMs: leavesOut ? options.full_list_interval : 0,
      },
      context,
    );
    const { readPass } = await import('./pass.ts');
    const inHand = await openInHand(context, (place) => progress.pointIn(place));
    const empty = createEmptyWarning(
      context.log,
      'there is nothing under this prefix: compare it with the one in the StepSecurity console (Integrations, S3)',
    );
    return {
      async *read(stop) {
        if (progress.finished) return;
        yield* readPass({ bucket, templates, progress, inHand, context, window, empty, stop });
      },
      progress: () => new Map([...progress.changes(), ...(inHand?.changes() ?? [])]),
      ended: () => inHand?.ended(),
      async *fetch(origin, from, to) {
        const { fetchRange } = await import('./fetch-range.ts');
        yield* fetchRange(bucket, context, origin, from, to);
      },
      async successor(origin) {
        const { successorOf } = await import('./fetch-range.ts');
        return successorOf(bucket, origin, (ref) => progress.isSettled(ref));
      },
      async close() {
        bucket.client.destroy();
      },
    };
  },

  async describe(parts) {
    const { describeProgress } = await import('./describe.ts');
    return describeProgress(parts);
  },

  async revisit(options, again, parts, context) {
    const { bucket, templates } = await reach(options, context);
    const { revisitObjects } = await import('./revisit.ts');
    try {
      return await revisitObjects({ bucket, templates, parts, again });
    } finally {
      bucket.client.destroy();
    }
  },

  async *check(options, context) {
    const { bucket } = await reach(options, context);
    const { checkBucket } = await import('./check.ts');
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
