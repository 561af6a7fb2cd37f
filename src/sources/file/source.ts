import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { isOfShard, type SourceContext } from '../../contracts/source.ts';
import type { Batch, Source } from '../../contracts/types.ts';
import { batches } from '../../objects/batches.ts';
import { createEmptyWarning } from '../../objects/empty.ts';
import { namingFailed } from '../../objects/failing.ts';
import { objectId } from '../../objects/identity.ts';
import { type InHand, openInHand } from '../../objects/in-hand.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { type OneAtATimeOptions, oneAtATime } from '../../objects/one-at-a-time.ts';
import type { ReadOptions } from '../../objects/read-options.ts';
import { readRange } from '../../objects/read-range.ts';
import { readObjects } from '../../objects/reader.ts';
import { createUidSet } from '../../text/uid-set.ts';
import { listFiles, lookAgain, placeOf } from './listing.ts';
import { openFile } from './open.ts';
import type { FileSourceOptions } from './options.ts';
import { createFileProgress, FILES_PART, type FileProgress } from './progress.ts';
import { readStdin } from './stdin.ts';

const NO_CHANGES: ReadonlyMap<string, Buffer | null> = new Map();

export async function openFileSource(
  { path }: FileSourceOptions,
  context: Context & SourceContext,
): Promise<Source> {
  const { log, meter, retry, abort, batch, limits } = context;
  const common = { log, meter, retry, abort, batch, limits };
  if (path === '-') {
    if (context.shard !== undefined) throw new ConfigError('--shard: standard input cannot be split');
    return {
      read: (stop) => readStdin(process.stdin, { ...common, stop }),
      progress: () => NO_CHANGES,
    };
  }
  await placeOf(path);
  const progress = createFileProgress(await context.part(FILES_PART));
  const inHand = await openInHand(context, (place) => progress.resumeOf(place));
  const empty = createEmptyWarning(context, 'there are no files: is source.path right?');
  const options = (stop: AbortSignal): ReadOptions => ({ ...common, source: 'file', open: openFile, stop });
  return {
    read: (stop) => readFiles(path, progress, inHand, options(stop), { ...context, empty }),
    progress: () => new Map([...progress.changes(), ...(inHand?.changes() ?? [])]),
    ended: () => inHand?.ended(),
    async *fetch(origin, from, to) {
      const ref = await lookAgain(origin.uri);
      if (ref !== undefined && ref.version === origin.version)
        yield* readRange(ref, from, to, options(abort));
    },
    async successor(origin) {
      const ref = await lookAgain(origin.uri);
      if (ref === undefined) return { is: 'gone' };
      if (ref.version === origin.version) return { is: 'unchanged' };
      const { source, uri } = origin;
      return { is: 'replaced', by: { source, uri, version: ref.version }, settled: progress.isDone(ref) };
    },
  };
}

async function* readFiles(
  path: string,
  progress: FileProgress,
  inHand: InHand | undefined,
  options: ReadOptions,
  { shard, isOurs, empty }: Pick<SourceContext, 'shard' | 'isOurs'> & { empty: (place: string) => void },
): AsyncGenerator<Batch, void, undefined> {
  const listed = createUidSet();
  let complete = false;
  let anything = false;
  async function* fresh(): AsyncGenerator<ObjectRef, void, undefined> {
    for await (const ref of listFiles(path, {
      meter: options.meter,
      log: options.log,
      ...(isOurs && { isOurs }),
    })) {
      if (options.stop.aborted) return;
      anything = true;
      if (!isOfShard(ref.uri, shard)) {
        options.meter.add('objects_of_other_shards');
        continue;
      }
      listed.add(objectId(ref));
      if (progress.isDone(ref)) options.meter.add('objects_known');
      else yield ref;
    }
    complete = true;
    if (!anything) empty(path);
  }
  const { source, log, meter, stop } = options;
  const resume = (ref: ObjectRef) => progress.resumeOf(ref);
  const read: OneAtATimeOptions['read'] = (refs, entered) =>
    readObjects(refs, { ...options, resume, entered });
  const custody = oneAtATime(fresh(), { source, read, inHand, resume, stop, log, meter });
  yield* batches(namingFailed(custody.chunks, log), {
    source,
    attempts: progress.attempts,
    settle(chunk) {
      progress.settle(chunk, meter);
      custody.settle(chunk);
    },
  });
  if (complete) progress.retain(listed);
}
