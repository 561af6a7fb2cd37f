import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LeaseError, UnavailableError } from '../../src/contracts/errors.ts';
import { createFileStore } from '../../src/state/file.ts';
import { acquireLease, type Lease } from '../../src/state/lease.ts';
import { type Owner, thisOwner } from '../../src/state/owner.ts';
import { ConflictError, type Store } from '../../src/state/store.ts';
import { silent, testContext } from './context.ts';

let root: string;
let store: Store;
let count = 0;
let name = '';
const held: Lease[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lease-'));
  store = await createFileStore({ type: 'file', path: root }, testContext());
});
beforeEach(() => {
  name = `run-${count++}`;
});
// A lease still held would renew itself in the next test, by the clock of that test.
afterEach(() => Promise.all(held.splice(0).map((lease) => lease.release())));
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const never = (): void => {
  throw new Error('the lease was lost');
};

async function acquire(
  ttlMs = 60_000,
  renewMs = 20_000,
  lost: (reason: Error) => void = never,
  at = store,
): Promise<Lease> {
  const lease = await acquireLease(at, name, { ttlMs, renewMs, log: silent }, lost);
  held.push(lease);
  return lease;
}

/** A lease as a run of this owner would have left it. */
async function leave(owner: Owner, ttl_ms = 60_000, at = store): Promise<void> {
  const blob = {
    holder: 'somebody',
    owner,
    since: '2026-01-02T03:04:05Z',
    ttl_ms,
    sequence: 3,
    released: false,
  };
  await at.put(`${name}/lease.json`, Buffer.from(JSON.stringify(blob)));
}

const TTL_MS = 60_000;

/** A store with a clock that the test moves. */
function clocked() {
  let now = 0;
  let written = 0;
  let step = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let reached: () => void = () => undefined;
  const clock: Store = {
    ...store,
    async put(...args) {
      const version = await store.put(...args);
      written = now;
      if (wanted > 0) now += step;
      wanted -= 1;
      if (wanted === 0) reached();
      return version;
    },
    age: async () => now - written,
  };
  return {
    store: clock,
    pass: (ms: number): void => void (now += ms),
    /** Waits for this many writes, and moves the clock after each of them. */
    async writes(count: number, ms: number): Promise<void> {
      wanted = count;
      step = ms;
      await new Promise<void>((resolve) => {
        reached = resolve;
      });
    },
  };
}

/** A store in memory with the test's clock, which can be cut off. */
function breakable() {
  const blobs = new Map<string, { bytes: Buffer; version: string; written: number }>();
  const state = { away: false, puts: 0 };
  const memory: Store = {
    ...store,
    get: async (path) => blobs.get(path),
    async put(path, bytes, expect) {
      if (state.away) throw new UnavailableError('the store is away');
      if (expect !== undefined && (blobs.get(path)?.version ?? null) !== expect)
        throw new ConflictError(path);
      const version = String((state.puts += 1));
      blobs.set(path, { bytes, version, written: Date.now() });
      return version;
    },
    async age(path) {
      const blob = blobs.get(path);
      return blob && Date.now() - blob.written;
    },
  };
  return Object.assign(state, { store: memory });
}

describe('a lease that is held', () => {
  it('is refused to a second run, naming the holder and since when', async () => {
    await acquire();
    const second = acquire();
    await expect(second).rejects.toBeInstanceOf(LeaseError);
    await expect(second).rejects.toThrow(new RegExp(`process ${process.pid} on .*, since 20`));
  });

  it('goes to exactly one of many that ask together', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquire()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(LeaseError);
  });

  it('is kept beyond its TTL by renewing', async () => {
    const clock = clocked();
    await acquire(TTL_MS, 5, never, clock.store);
    // Four writes, two thirds of the TTL apart: only their renewals keep it.
    await clock.writes(4, (TTL_MS * 2) / 3);
    await expect(acquire(TTL_MS, 5, never, clock.store)).rejects.toBeInstanceOf(LeaseError);
  });

  it('of a process elsewhere is respected until its TTL has passed', async () => {
    const clock = clocked();
    await leave({ ...thisOwner(), host: 'elsewhere' }, TTL_MS, clock.store);
    clock.pass(TTL_MS - 1);
    await expect(acquire(TTL_MS, 20_000, never, clock.store)).rejects.toThrow('elsewhere');
    clock.pass(2);
    await acquire(TTL_MS, 20_000, never, clock.store);
  });

  it('from a pid in another boot or container does not count as gone', async () => {
    await leave({ ...thisOwner(), boot: 'another', pid: 999_999_999 });
    await expect(acquire()).rejects.toBeInstanceOf(LeaseError);
  });

  it('is refused when its blob is damaged', async () => {
    await store.put(`${name}/lease.json`, Buffer.from('{'));
    await expect(acquire()).rejects.toThrow('is not a lease');
  });
});

describe('a free lease', () => {
  it('goes to the next run after a release', async () => {
    const first = await acquire();
    await first.release();
    const second = await acquire();
    await first.release();
    await expect(acquire()).rejects.toThrow(/another run/);
    await second.release();
    await acquire();
  });

  it('is taken over immediately from a process that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await leave({ ...thisOwner(), pid });
    await acquire();
  });

  it('is taken over immediately when the pid now belongs to another process', async () => {
    await leave({ ...thisOwner(), started: '1' });
    await acquire();
  });
});

describe('a lease that is lost', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('is reported to a holder that slept while another took it', async () => {
    const reasons: Error[] = [];
    const broken = breakable();
    await acquire(60_000, 20_000, (reason) => reasons.push(reason), broken.store);
    await leave({ ...thisOwner(), host: 'the-thief' }, 60_000, broken.store);
    await pass(19_999);
    expect(reasons).toEqual([]);
    await pass(1);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toBeInstanceOf(LeaseError);
    expect(reasons[0]?.message).toContain('was taken by process');
    expect(reasons[0]?.message).toContain('the-thief');
  });

  it('is reported before the TTL when renewals fail, and not before that', async () => {
    const lost: number[] = [];
    let reason: Error | undefined;
    const broken = breakable();
    const lease = await acquire(
      60_000,
      20_000,
      (why) => (lost.push(Date.now() - renewed), (reason = why)),
      broken.store,
    );
    await pass(20_000);
    const renewed = Date.now();
    expect(broken.puts).toBe(2);
    broken.away = true;
    await pass(600_000);
    // Once, nine tenths of the TTL after the last renewal.
    expect(lost).toEqual([54_000]);
    // Nobody has taken it: the store is unavailable.
    expect(reason).toBeInstanceOf(UnavailableError);
    await lease.release();
  });

  it('is not reported when an outage ends in time', async () => {
    const broken = breakable();
    await acquire(60_000, 20_000, never, broken.store);
    broken.away = true;
    await pass(30_000);
    broken.away = false;
    await pass(120_000);
    await expect(acquire(60_000, 20_000, never, broken.store)).rejects.toBeInstanceOf(LeaseError);
  });

  it('is not released if another run holds it', async () => {
    const lease = await acquire();
    await leave({ ...thisOwner(), host: 'the-thief' });
    await lease.release();
    await expect(acquire()).rejects.toThrow('the-thief');
  });
});
