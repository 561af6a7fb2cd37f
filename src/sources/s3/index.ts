import { identifyConnection } from '../../aws/connection.ts';
import type { Context } from '../../contracts/component.ts';
import type { SourceComponent } from '../../contracts/source.ts';
import { openInHand } from '../../objects/in-hand.ts';
import { compareKeys, disjoint } from './key-order.ts';
import { loadProgress } from './load-progress.ts';
import { type S3SourceOptions, s3SourceOptions } from './options.ts';
import { parseTemplate, type Template } from './template.ts';

/**
 * Objects of an S3 bucket, each version once. Counters: `s3_list`, `s3_get`, `objects_listed`, `objects_read`,
 * `objects_read_alone`, `objects_known`, `objects_outside`, `objects_of_other_shards`, `objects_ignored`, `objects_ours`,
 * `objects_gone`, `objects_changed`, `objects_failed`, `folders_skipped`, `bytes_read`. With `queue_url` a run reads what a queue names
 * (see ../sqs/), a backfill lists all the same; then also `queue_receives`, `queue_messages`,
 * `queue_redelivered`, `queue_heartbeats`, `queue_heartbeat_failures`, `queue_deletes`, `queue_delete_failures`,
 * `queue_ignored` (events), `queue_unreadable` (messages).
 */
export const s3Source: SourceComponent<S3SourceOptions> = {
  schema: s3SourceOptions,
  shards: true,

  name: ({ bucket }) => `s3://${bucket}`,

  identify: (options) =>
    JSON.stringify([
      's3',
      identifyConnection(options),
      options.bucket,
      options.prefixes.toSorted(compareKeys),
    ]),

  shared: ({ queue_url: url }) => url !== undefined,

  async create(options, context) {
    const { bucket, templates } = await reach(options, context);
    const window = { objects: options.fetch_concurrency, bytes: options.fetch_bytes };
    if (options.queue_url !== undefined && context.backfill === undefined) {
      const { queueSource } = await import('../sqs/source.ts');
      return queueSource(options, options.queue_url, { bucket, templates, context, window });
    }
    const progress = await loadProgress(
      {
        start: options.start,
        settleMs: options.settle,
        fullListEveryMs: templates.some(({ segments }) => segments.length > 0) ? options.full_list_every : 0,
      },
      context,
    );
    const { readPass } = await import('./pass.ts');
    const inHand = await openInHand(context, (place) => progress.pointIn(place));
    return {
      async *read(stop) {
        if (progress.finished) return;
        yield* readPass({ bucket, templates, progress, inHand, context, window, stop });
      },
      progress: () => new Map([...progress.changes(), ...(inHand?.changes() ?? [])]),
      ended: () => inHand?.ended(),
      async *fetch(origin, from, to) {
        const { readAgain } = await import('./replay.ts');
        yield* readAgain(bucket, context, origin, from, to);
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
      if (options.queue_url === undefined) return;
      const { checkQueue } = await import('../sqs/check.ts');
      yield* checkQueue(options, options.queue_url, context);
    } finally {
      bucket.client.destroy();
    }
  },
};

/** The SDK is loaded here, by who uses it: `--help` does not wait for it. */
async function reach(options: S3SourceOptions, context: Context) {
  const { s3Client } = await import('../../aws/client.ts');
  const bucket = {
    client: s3Client(options, { signal: context.abort }),
    name: options.bucket,
    requestPayer: options.request_payer,
    context,
  };
  return { bucket, templates: disjointTemplates(options.prefixes) };
}

/** Templates in key order. One whose static part lies inside another's is read with that one. */
function disjointTemplates(prefixes: readonly string[]): Template[] {
  const templates = prefixes.map(parseTemplate);
  const roots = disjoint(templates.map(({ root }) => root));
  return roots.flatMap((root) => {
    const same = templates.filter((template) => template.root === root);
    const [only] = same;
    return only !== undefined && same.length === 1 ? [only] : [{ root, segments: [], tail: '' }];
  });
}
