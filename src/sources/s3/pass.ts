import { UnavailableError } from '../../contracts/errors.ts';
import { isOfShard, type SourceContext } from '../../contracts/source.ts';
import type { Batch } from '../../contracts/types.ts';
import { batches } from '../../objects/batches.ts';
import { namingFailed } from '../../objects/failing.ts';
import type { InHand } from '../../objects/in-hand.ts';
import { isNothing } from '../../objects/nothing.ts';
import type { Chunk, ObjectRef } from '../../objects/object.ts';
import { oneAtATime } from '../../objects/one-at-a-time.ts';
import { type ReadOptions } from '../../objects/read-options.ts';
import { readObjects } from '../../objects/reader.ts';
import { type Bucket, listPage } from './bucket.ts';
import { createIssued } from './issued.ts';
import { openListed } from './open-listed.ts';
import type { Listing, Progress } from './progress.ts';
import type { Period, Template } from './template.ts';
import { IncompleteListingError, type PageRequest, walk } from './walk.ts';

export interface PassOptions {
  readonly bucket: Bucket;
  /** In key order, none inside another. */
  readonly templates: readonly Template[];
  readonly progress: Progress;
  readonly inHand: InHand | undefined;
  readonly context: Pick<SourceContext, 'batch' | 'limits' | 'shard' | 'isOurs'>;
  readonly window: { readonly objects: number; readonly bytes: number };
  /** Called with a prefix under which there are no detections. */
  readonly empty: (uri: string) => void;
  readonly stop: AbortSignal;
}

/** Marks the end of a complete listing among the chunks: it is settled once everything before it is. */
const END: Chunk = { records: [], bytes: 0, done: [], failed: [], missed: [] };

/** More failing objects than this mean an outage; the checkpoint names each one. */
const MAX_FAILING = 10_000;

/** Lists, reads the objects that are wanted, and makes progress as batches are acked. Contract of `Source.read`. */
export async function* readPass(options: PassOptions): AsyncGenerator<Batch, void, undefined> {
  const { bucket, templates, progress, inHand, context, window, empty, stop } = options;
  const { abort, log, meter, retry } = bucket.context;
  const signal = AbortSignal.any([abort, stop]);
  let pass: Listing | undefined;
  let listed = false;
  /** Whether the current prefix has had no objects so far. */
  let isEmpty = true;
  let failures = 0;
  const issued = createIssued();

  const getPage = async (request: PageRequest) => {
    const page = await listPage(bucket, request, signal);
    meter.add('objects_listed', page.objects.length);
    pass ??= progress.begin(page.date);
    if (page.folders.length + page.unnamed > 0 || !page.objects.every(isNothing)) isEmpty = false;
    return page;
  };
  const lists = (period: Period): boolean => {
    const listed = pass?.lists(period) ?? true;
    if (!listed) meter.add('folders_skipped');
    return listed;
  };
  /** Counts everything that is left out, so that the numbers of a listing add up. */
  const wants = (ref: ObjectRef): boolean => {
    const left = leftOut(ref, context, pass);
    if (left !== undefined) meter.add(left);
    if (left !== undefined) return false;
    const isNew = issued.begin(ref);
    if (!isNew) meter.add('objects_known');
    return isNew;
  };

  async function* wanted(): AsyncGenerator<ObjectRef> {
    let incomplete: IncompleteListingError | undefined;
    try {
      for (const template of templates) {
        try {
          isEmpty = true;
          for await (const objects of walk(bucket.name, template, lists, getPage)) {
            for (const ref of objects) {
              if (stop.aborted) return;
              if (wants(ref)) yield ref;
            }
          }
          if (isEmpty) empty(`s3://${bucket.name}/${template.root}`);
        } catch (error) {
          // Objects under the other prefixes are still read.
          if (!(error instanceof IncompleteListingError)) throw error;
          incomplete ??= error;
        }
      }
      if (incomplete !== undefined) throw incomplete;
      listed = true;
    } catch (error) {
      if (!stop.aborted || abort.aborted) throw error;
    }
  }

  const how: ReadOptions = {
    source: 's3',
    open: openListed(bucket, signal),
    resume: (ref) => progress.pointIn(ref),
    stop,
    abort,
    log,
    meter,
    retry,
    batch: context.batch,
    limits: context.limits,
    window,
  };
  const custody = oneAtATime(wanted(), {
    source: 's3',
    read: (refs, entered) => readObjects(refs, { ...how, entered }),
    inHand,
    resume: (ref) => progress.pointIn(ref),
    putOff: (ref) => pass?.putOff(ref, 'the process died while it was read alone'),
    stop: signal,
    log,
    meter,
  });

  async function* chunks(): AsyncGenerator<Chunk> {
    for await (const chunk of namingFailed(custody.chunks, log)) {
      yield chunk;
      failures += chunk.failed.length;
      if (failures > MAX_FAILING)
        throw new UnavailableError(`more than ${MAX_FAILING} objects could not be read`);
    }
    if (listed && !stop.aborted) yield END;
  }

  const settle = (chunk: Chunk): void => {
    if (pass === undefined) return;
    if (chunk === END) {
      pass.complete();
      return;
    }
    custody.settle(chunk);
    meter.add('objects_read', chunk.done.length);
    meter.add('objects_failed', chunk.failed.length);
    for (const ref of chunk.done) pass.done(ref);
    for (const ref of chunk.missed) pass.missed(ref);
    for (const ref of [...chunk.done, ...chunk.missed]) issued.settle(ref);
    for (const { ref, fault, resume } of chunk.failed) {
      pass.failed(ref, fault.reason);
      if (resume !== undefined) pass.left(resume);
    }
    if (chunk.resume !== undefined) pass.left(chunk.resume);
  };
  yield* batches(chunks(), { source: 's3', attempts: progress.attempts, settle });
}

/** The counter for an object that is not read; undefined for one that must be. */
function leftOut(
  ref: ObjectRef,
  { shard, isOurs }: PassOptions['context'],
  pass: Listing | undefined,
): string | undefined {
  if (isOurs?.(ref.key)) return 'objects_ours';
  if (!isOfShard(ref.uri, shard)) return 'objects_of_other_shards';
  if (isNothing(ref)) return 'objects_ignored';
  const want = pass?.wants(ref) ?? 'read';
  return want === 'read' ? undefined : `objects_${want}`;
}
