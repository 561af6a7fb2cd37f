import * as z from 'zod';
import { ConfigError } from '../../contracts/errors.ts';
import type { Meter } from '../../contracts/types.ts';
import { countAttempts } from '../../objects/batches.ts';
import { leaveAt } from '../../objects/half-read.ts';
import { type Attempts, ID_BYTES, objectId } from '../../objects/identity.ts';
import type { Chunk, ObjectRef, ResumePoint } from '../../objects/object.ts';

/** Name of the part of the checkpoint. */
export const FILES_PART = 'files';

const head = z.strictObject({
  format: z.literal(1),
  /** Where to continue in partly read files, the latest last. */
  half_read: z.array(
    z.strictObject({
      key: z.string(),
      version: z.string(),
      records: z.number(),
      offset: z.number().optional(),
      reached: z.number().optional(),
      inArray: z.literal(true).optional(),
    }),
  ),
  /** Number of runs in which a file could not be read, by its id in hex. */
  attempts: z.record(z.string(), z.number()),
});

/** Which files are done, partly read, or failed. */
export interface FileProgress {
  isDone(ref: ObjectRef): boolean;
  resumeOf(place: Pick<ObjectRef, 'key' | 'version'>): ResumePoint | undefined;
  readonly attempts: ReadonlyMap<string, number>;
  /** Records a chunk whose records are settled, and counts its objects. */
  settle(chunk: Chunk, meter: Meter): void;
  /** Everything was listed: files that no longer exist are forgotten. */
  retain(listed: Pick<ReadonlySet<string>, 'has'>): void;
  /** The part, if it has changed since the last call. */
  changes(): ReadonlyMap<string, Buffer | null>;
}

/**
 * Created from the part as last saved: one line of JSON, then the ids of the done files, sorted, 16 bytes each. 100,000
 * files take 1.6 MB. Throws `ConfigError` if the part is not ours.
 */
export function createFileProgress(saved: Buffer | undefined): FileProgress {
  const { done, attempts, halfRead } = saved ? decodeFiles(saved) : nothingRead();
  let changed = false;

  return {
    isDone: (ref) => done.has(objectId(ref)),
    resumeOf({ key, version }) {
      const point = halfRead.get(key);
      return point?.version === version ? point : undefined;
    },
    attempts,
    settle(chunk, meter) {
      changed = true;
      const ended = [...chunk.done, ...chunk.missed, ...chunk.failed.map(({ ref }) => ref)];
      if (halfRead.size > 0) for (const { key } of ended) halfRead.delete(key);
      for (const { resume } of chunk.failed) if (resume) leaveAt(halfRead, resume);
      if (chunk.resume) leaveAt(halfRead, chunk.resume);
      countAttempts(attempts, chunk);
      for (const ref of chunk.done) done.add(objectId(ref));
      meter.add('objects_read', chunk.done.length);
      meter.add('objects_failed', chunk.failed.length);
    },
    retain(listed) {
      for (const known of [done, attempts]) {
        for (const id of known.keys()) {
          if (listed.has(id)) continue;
          known.delete(id);
          changed = true;
        }
      }
    },
    changes() {
      if (!changed) return new Map();
      changed = false;
      return new Map([[FILES_PART, encodeFiles({ done, attempts, halfRead })]]);
    },
  };
}

/** The part, parsed. */
export interface Files {
  readonly done: Set<string>;
  readonly attempts: Attempts;
  /** By key, the latest last. */
  readonly halfRead: Map<string, ResumePoint>;
}

const nothingRead = (): Files => ({ done: new Set(), attempts: new Map(), halfRead: new Map() });

export function encodeFiles({ done, attempts, halfRead }: Files): Buffer {
  const counts: Record<string, number> = {};
  for (const [id, count] of attempts) counts[Buffer.from(id, 'latin1').toString('hex')] = count;
  const state: z.input<typeof head> = { format: 1, half_read: [...halfRead.values()], attempts: counts };
  const line = JSON.stringify(state);
  const ids = [...done].sort();
  return Buffer.concat([Buffer.from(`${line}\n`), Buffer.from(ids.join(''), 'latin1')]);
}

export function decodeFiles(saved: Buffer): Files {
  const newline = saved.indexOf(0x0a);
  const ids = saved.subarray(newline + 1);
  let parsed: z.infer<typeof head>;
  try {
    if (newline === -1 || ids.length % ID_BYTES !== 0) throw new Error('not a whole number of ids');
    parsed = head.parse(JSON.parse(saved.toString('utf8', 0, newline)));
  } catch (cause) {
    throw new ConfigError(`the checkpoint's part "${FILES_PART}" is damaged or of another version`, {
      cause,
    });
  }
  const done = new Set<string>();
  for (let at = 0; at < ids.length; at += ID_BYTES) done.add(ids.toString('latin1', at, at + ID_BYTES));
  const attempts: Attempts = new Map();
  for (const [id, count] of Object.entries(parsed.attempts)) {
    attempts.set(Buffer.from(id, 'hex').toString('latin1'), count);
  }
  return { done, attempts, halfRead: new Map(parsed.half_read.map((saved) => [saved.key, point(saved)])) };
}

function point({
  offset,
  reached,
  inArray,
  ...rest
}: z.infer<typeof head>['half_read'][number]): ResumePoint {
  return {
    ...rest,
    ...(offset !== undefined && { offset }),
    ...(reached !== undefined && { reached }),
    ...(inArray && { inArray }),
  };
}
