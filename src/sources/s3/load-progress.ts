import type { z } from 'zod';
import { ConfigError } from '../../contracts/errors.ts';
import type { SourceContext } from '../../contracts/source.ts';
import type { Log } from '../../contracts/types.ts';
import { backfillPart, createBackfillProgress } from './backfill.ts';
import { loadDoneDays } from './done-days.ts';
import { createLiveProgress, type LiveOptions, livePart } from './live.ts';
import { PROGRESS_PART, type Progress } from './progress.ts';

/** The progress in a checkpoint, for a scheduled run or for a backfill. Throws `ConfigError` if it is not ours. */
export async function loadProgress(
  options: LiveOptions,
  context: Pick<SourceContext, 'part' | 'backfill'> & { readonly log: Log },
): Promise<Progress> {
  const bytes = await context.part(PROGRESS_PART);
  if (context.backfill !== undefined) {
    return createBackfillProgress(context.backfill, options.latenessMs, parseProgress(backfillPart, bytes));
  }
  const stored = parseProgress(livePart, bytes);
  const done = await loadDoneDays(stored?.done_parts ?? [], context.part, (name) => {
    context.log.warn(
      { part: name },
      'a part of the checkpoint is unreadable: its objects will be read again',
    );
  });
  return createLiveProgress(options, stored, done);
}

/** Undefined if there is none. Throws `ConfigError` if it does not match the schema. */
export function parseProgress<T>(schema: z.ZodType<T>, bytes: Buffer | undefined): T | undefined {
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw new ConfigError('checkpoint: the progress of the S3 source is not JSON', { cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(
    `checkpoint: the progress of the S3 source does not fit this version: ${issue?.path.join('.')} ${issue?.message}`,
  );
}
