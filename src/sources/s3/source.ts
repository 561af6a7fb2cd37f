import type { Context } from '../../contracts/component.ts';
import type { SourceContext } from '../../contracts/source.ts';
import type { Source } from '../../contracts/types.ts';
import { createEmptyWarning } from '../../objects/empty.ts';
import { openInHand } from '../../objects/in-hand.ts';
import { loadProgress } from './load-progress.ts';
import type { S3SourceOptions } from './options.ts';
import { readPass } from './pass.ts';
import { reach } from './reach.ts';

export async function openS3Source(
  options: S3SourceOptions,
  context: Context & SourceContext,
): Promise<Source> {
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
  const inHand = await openInHand(context, (place) => progress.pointIn(place));
  const empty = createEmptyWarning(
    context,
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
}
