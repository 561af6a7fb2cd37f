import type { z } from 'zod';
import { ConfigError } from '../../contracts/errors.ts';
import type { Again, Parts, Revisit } from '../../contracts/source.ts';
import { DAY_MS } from '../../contracts/units.ts';
import { ID_BYTES, objectId } from '../../objects/identity.ts';
import { isNothing } from '../../objects/nothing.ts';
import type { ObjectRef } from '../../objects/object.ts';
import { printable } from '../../text/printable.ts';
import { type Bucket, listPage } from './bucket.ts';
import { livePart } from './live.ts';
import { parseProgress } from './load-progress.ts';
import { PROGRESS_PART } from './progress.ts';
import type { Template } from './template.ts';
import { walk } from './walk.ts';

/** The most objects that can be requested by name: the checkpoint holds each one. */
const MAX_NAMED = 10_000;

type State = z.input<typeof livePart>;

export interface RevisitOptions {
  readonly bucket: Bucket;
  readonly templates: readonly Template[];
  readonly parts: Parts;
  readonly again: Again;
}

/** Lists what would be read again, and what the checkpoint has to forget for that. The next run lists everything. */
export async function revisitObjects(options: RevisitOptions): Promise<Revisit> {
  const { parts, again } = options;
  const bytes = await parts.part(PROGRESS_PART);
  if (bytes === undefined || parseProgress(livePart, bytes) === undefined)
    throw new ConfigError('the checkpoint has no progress yet: everything will be read anyway');
  const state = JSON.parse(bytes.toString()) as State;
  return 'since' in again
    ? await since(options, state, again.since)
    : await below(options, state, again.below);
}

async function since(options: RevisitOptions, state: State, time: number): Promise<Revisit> {
  let objects = 0;
  let bytes = 0;
  for (const { root } of options.templates) {
    for await (const ref of objectsBelow(options.bucket, root)) {
      if (ref.modified < time) continue;
      objects += 1;
      bytes += ref.size;
    }
  }
  // There is one set per day: the whole day of `time` is forgotten.
  const kept = state.done_parts.filter((name) => Date.parse(name.slice('done/'.length)) + DAY_MS <= time);
  const parts = new Map<string, Buffer | null>();
  for (const name of state.done_parts) if (!kept.includes(name)) parts.set(name, null);
  const earlier = (saved: string): string => new Date(Math.min(Date.parse(saved), time)).toISOString();
  const { sweep: _, full_listed_at: __, ...rest } = state;
  return {
    objects,
    bytes,
    parts: parts.set(
      PROGRESS_PART,
      encode({
        ...rest,
        start: earlier(state.start),
        settled_before: earlier(state.settled_before),
        swept_before: earlier(state.swept_before),
        half_read: [],
        done_parts: kept,
      }),
    ),
  };
}

/**
 * Objects before the watermark are done whatever the sets say; only those that failed are still read. So each
 * object is recorded as one that failed, which also keeps it from being forgotten until it is read.
 */
async function below(
  { bucket, templates, parts }: RevisitOptions,
  state: State,
  uri: string,
): Promise<Revisit> {
  const start = `s3://${bucket.name}/`;
  if (!uri.startsWith(start))
    throw new ConfigError(`${printable(uri)}: expected ${start}…, the bucket of the source`);
  const found = new Map<string, ObjectRef>();
  for await (const ref of objectsBelow(bucket, uri.slice(start.length))) {
    if (templates.some(({ root }) => ref.key.startsWith(root))) found.set(ref.key, ref);
    if (found.size > MAX_NAMED)
      throw new ConfigError(
        `${printable(uri)}: more than ${MAX_NAMED} objects; use a longer prefix, or state rewind`,
      );
  }
  if (found.size === 0) throw new ConfigError(`${printable(uri)}: the source has no objects there`);
  const failing = new Map(state.failing.map((entry) => [entry.key, entry]));
  for (const { key, version, modified } of found.values()) {
    const entry = { key, version, modified: new Date(modified).toISOString(), runs: 1 };
    failing.set(key, { ...entry, reason: 'requested again by state forget' });
  }
  const { full_listed_at: _, sweep, ...rest } = state;
  const changed: State = {
    ...rest,
    ...(sweep !== undefined && { sweep }),
    failing: [...failing.values()],
    half_read: state.half_read.filter(({ key }) => !found.has(key)),
  };
  return {
    objects: found.size,
    bytes: [...found.values()].reduce((sum, { size }) => sum + size, 0),
    parts: new Map([...(await withoutIds(state, parts, found)), [PROGRESS_PART, encode(changed)]]),
  };
}

/** The done sets without these objects, if they contain any. */
async function withoutIds(
  state: State,
  parts: Parts,
  found: ReadonlyMap<string, ObjectRef>,
): Promise<Map<string, Buffer>> {
  const ids = new Set([...found.values()].map(objectId));
  const changed = new Map<string, Buffer>();
  for (const name of state.done_parts) {
    const set = await parts.part(name);
    if (set === undefined) continue;
    const kept: Buffer[] = [];
    for (let at = 0; at < set.length; at += ID_BYTES) {
      if (!ids.has(set.toString('latin1', at, at + ID_BYTES))) kept.push(set.subarray(at, at + ID_BYTES));
    }
    if (kept.length * ID_BYTES < set.length) changed.set(name, Buffer.concat(kept));
  }
  return changed;
}

async function* objectsBelow(bucket: Bucket, prefix: string): AsyncGenerator<ObjectRef> {
  const template = { root: prefix, segments: [], tail: '' };
  const getPage = (request: Parameters<typeof listPage>[1]) =>
    listPage(bucket, request, bucket.context.abort);
  for await (const objects of walk(bucket.name, template, () => true, getPage)) {
    for (const ref of objects) if (!isNothing(ref)) yield ref;
  }
}

function encode(state: State): Buffer {
  return Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
}
