import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { LeaseError, messageOf, UnavailableError } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { isGone, ownerSchema, thisOwner } from './owner.ts';
import { ConflictError, type Store } from './store.ts';

const blobSchema = z.object({
  holder: z.string(),
  owner: ownerSchema,
  /** By the holder's clock; for display only. */
  since: z.string(),
  ttl_ms: z.number().positive(),
  sequence: z.number().int(),
  released: z.boolean(),
});

type Blob = z.output<typeof blobSchema>;

export interface LeaseOptions {
  readonly ttlMs: number;
  readonly renewMs: number;
  readonly log: Log;
}

export interface Lease {
  /** Unique to this acquisition. */
  readonly holder: string;
  /** Releases the lease if it is still ours; never throws. `lost` is not called afterwards. */
  release(): Promise<void>;
}

/**
 * Takes the lease `<name>/lease.json`, or throws `LeaseError` naming its holder. The lease is free if it is absent,
 * released, or not renewed for its TTL by the store's own clock, or if its holder was a process on this machine that
 * has ended.
 *
 * Renewed every `renewMs` until released. `lost` is called at most once: with a `LeaseError` when another run took it,
 * or with an `UnavailableError` when no renewal has succeeded for nine tenths of the TTL, which is before others may
 * take it. The lease keeps runs apart; the checkpoint's fencing protects the state from a run that sleeps through all
 * this.
 */
export async function acquireLease(
  store: Store,
  name: string,
  options: LeaseOptions,
  lost: (reason: LeaseError | UnavailableError) => void,
): Promise<Lease> {
  const { ttlMs, renewMs, log } = options;
  const path = `${name}/lease.json`;
  let blob: Blob = {
    holder: randomUUID(),
    owner: thisOwner(),
    since: new Date().toISOString(),
    ttl_ms: ttlMs,
    sequence: 0,
    released: false,
  };
  let renewed = Date.now();
  let version = await take(store, path, blob, log);

  let ended = false;
  let renewal: Promise<void> = Promise.resolve();
  let next: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;

  const end = (): void => {
    ended = true;
    clearTimeout(next);
    clearTimeout(deadline);
  };
  const where = `the lease ${path} in ${store.name}`;
  const lose = (reason: LeaseError | UnavailableError): void => {
    if (ended) return;
    end();
    lost(reason);
  };

  const renew = async (): Promise<void> => {
    const started = Date.now();
    const wanted = { ...blob, sequence: blob.sequence + 1 };
    try {
      version = await store.put(path, encode(wanted), version);
      blob = wanted;
      renewed = started;
      schedule();
    } catch (error) {
      if (ended) return;
      if (!(error instanceof ConflictError)) {
        log.warn({ lease: path, reason: messageOf(error) }, 'the lease could not be renewed yet');
        schedule();
        return;
      }
      await reconcile(error);
    }
  };

  /** The expectation failed because of another run's write, or an earlier one of ours that seemed to fail. */
  const reconcile = async (conflict: ConflictError): Promise<void> => {
    try {
      const found = await read(store, path);
      if (found?.blob.holder !== blob.holder) {
        const by = found === undefined ? 'was removed' : `was taken by ${describe(found.blob)}`;
        lose(new LeaseError(`${where} ${by}`, { cause: conflict }));
        return;
      }
      blob = found.blob;
      version = found.version;
    } catch (error) {
      log.warn({ lease: path, reason: messageOf(error) }, 'the lease could not be checked yet');
    }
    schedule();
  };

  const schedule = (): void => {
    if (ended) return;
    clearTimeout(next);
    clearTimeout(deadline);
    const left = renewed + ttlMs * 0.9 - Date.now();
    // The store is unreachable or its disk is full: no one has taken the lease, but from now on someone may.
    const away = (): void =>
      lose(
        new UnavailableError(
          `${where} could not be renewed for ${ttlMs * 0.9} ms: the state cannot be written`,
        ),
      );
    deadline = setTimeout(away, Math.max(0, left));
    next = setTimeout(() => {
      renewal = renew();
    }, renewMs);
    deadline.unref();
    next.unref();
  };
  schedule();

  return {
    holder: blob.holder,
    async release() {
      if (ended) return;
      end();
      await renewal;
      try {
        await store.put(path, encode({ ...blob, sequence: blob.sequence + 1, released: true }), version);
      } catch (error) {
        log.debug({ lease: path, reason: messageOf(error) }, 'the lease was not released and will expire');
      }
    },
  };
}

/** Writes our blob if the lease is free; returns its version. */
async function take(store: Store, path: string, blob: Blob, log: Log): Promise<string> {
  for (;;) {
    const found = await read(store, path);
    if (found !== undefined && !found.blob.released) {
      const reason = await freed(store, path, found.blob);
      if (reason === undefined)
        throw new LeaseError(`another run holds the lease ${path} in ${store.name}: ${describe(found.blob)}`);
      log.info({ lease: path, from: describe(found.blob), reason }, 'took over a lease');
    }
    try {
      return await store.put(path, encode(blob), found?.version ?? null);
    } catch (error) {
      // Someone was faster, or the holder renewed after all: check again.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

/** Why a lease is free although it was not released; undefined if it is held. */
async function freed(store: Store, path: string, blob: Blob): Promise<string | undefined> {
  if (isGone(blob.owner)) return 'its process has ended';
  const age = await store.age(path);
  if (age === undefined || age > blob.ttl_ms) return 'it was not renewed in time';
  return undefined;
}

async function read(store: Store, path: string): Promise<{ blob: Blob; version: string } | undefined> {
  const stored = await store.get(path);
  if (stored === undefined) return undefined;
  const { bytes, version } = stored;
  try {
    return { blob: blobSchema.parse(JSON.parse(bytes.toString())), version };
  } catch (error) {
    throw new LeaseError(`${path} in ${store.name} is not a lease; remove it when no run is under way`, {
      cause: error,
    });
  }
}

const encode = (blob: Blob): Buffer => Buffer.from(`${JSON.stringify(blob)}\n`);

function describe({ owner, since }: Blob): string {
  return `process ${owner.pid} on ${owner.host}, since ${since}`;
}
