import { createHash, randomUUID } from 'node:crypto';
import { ConfigError, LeaseError, messageOf } from '../contracts/errors.ts';
import type { Sending } from '../contracts/sink.ts';
import type { Log } from '../contracts/types.ts';
import { createAnnounced } from './announced.ts';
import {
  compareFingerprints,
  encodeHead,
  type Fingerprints,
  type Head,
  type HeadPart,
  headPath,
  partsPrefix,
  readHead,
} from './head.ts';
import { ConflictError, type Store } from './store.ts';

const WRITES_AT_ONCE = 8;
/** The running total of documents that may be in the destination twice. */
const REPEATS = 'possibly_duplicated';

/** Integer counters that live as long as the state: the running totals. */
export type Totals = Readonly<Record<string, number>>;

interface SaveOptions {
  /** The run ends with this save, and nothing it sent will be sent again. */
  readonly clean: boolean;
  /** The pass that ends with this save read everything there was. Default: false. */
  readonly complete?: boolean;
  /** The next run reads again what was already settled. Default: unchanged; a clean end resets it. */
  readonly revisits?: boolean;
}

export interface Checkpoint {
  /** How many runs in a row did not end cleanly before this one. */
  readonly uncleanRuns: number;
  /** As last saved. */
  readonly totals: Totals;
  /**
   * For a destination that stores a repeated document again: remembers, even if the run is killed, how many that may
   * be.
   */
  readonly sending: Sending;
  /** Batches with this many documents were acked; the next save records it. */
  settle(documents: number): void;
  /** A part as last saved; undefined when there is none. Throws `ConfigError` when its blob is missing or damaged. */
  part(name: string): Promise<Buffer | undefined>;
  /**
   * Makes `parts` (`null` removes one, unnamed ones stay) and `totals` current in one step: after a crash at any
   * moment, either all of them are current or none. The changes of a failed save are written with the next one. Saves
   * queue. Throws `LeaseError` if another run has saved since; then nothing of ours became current.
   */
  save(parts: ReadonlyMap<string, Buffer | null>, totals: Totals, options: SaveOptions): Promise<void>;
  /** Makes one part current and leaves everything else as last saved. Queues with the saves, and throws as they do. */
  note(part: string, bytes: Buffer): Promise<void>;
}

/**
 * Opens the checkpoint `<name>/head.json`, creating it if necessary, and marks it as not ended cleanly until a `save`
 * with `clean`. This first save is also a fence: any earlier opener can no longer save. Removes leftovers of a crash.
 * The caller holds the lease. Throws `ConfigError` when the state was made for other fingerprints; afterwards the state
 * belongs to those in `becoming`.
 */
export async function openCheckpoint(
  store: Store,
  name: string,
  fingerprints: Fingerprints,
  log: Log,
  becoming = fingerprints,
): Promise<Checkpoint> {
  const writer = randomUUID();
  const found = await readHead(store, name);
  if (found) compareFingerprints(`the state ${name} in ${store.name}`, found.head.fingerprints, fingerprints);

  const uncleanRuns = found === undefined || found.head.clean ? 0 : Math.max(1, found.head.unclean_runs);
  let version = found?.version ?? null;
  let head: Omit<Head, 'format'> = {
    writer,
    sequence: found?.head.sequence ?? 0,
    saved: '',
    clean: false,
    complete: false,
    unclean_runs: uncleanRuns + 1,
    unsettled: found?.head.unsettled ?? 0,
    revisits: found?.head.revisits ?? false,
    fingerprints: { ...becoming },
    totals: found?.head.totals ?? {},
    parts: found?.head.parts ?? {},
  };
  // Never reused, not even after a save that seemed to fail: its head may have been written, and it names its blobs.
  let sequence = head.sequence;
  const { unsettled: left, revisits } = head;
  const repeatsBefore = head.totals[REPEATS] ?? 0;
  // Changes of failed saves.
  let carried: ReadonlyMap<string, Buffer | null> = new Map();

  const commit = async (wanted: Omit<Head, 'format'>): Promise<void> => {
    const bytes = encodeHead(wanted);
    for (;;) {
      try {
        version = await store.put(headPath(name), bytes, version);
        break;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        // Only we write with this id: it is an earlier save of ours that seemed to fail, or this very one.
        const now = await readHead(store, name);
        if (now?.head.writer !== writer) throw overtaken(error);
        version = now.version;
        if (now.head.sequence === wanted.sequence) break;
      }
    }
    head = wanted;
  };

  const overtaken = (cause: unknown): LeaseError =>
    new LeaseError(
      `another run has saved or removed the state ${name} in ${store.name}; ours was not saved`,
      { cause },
    );

  const next = (): { writer: string; sequence: number; saved: string } => ({
    writer,
    sequence: ++sequence,
    saved: new Date().toISOString(),
  });

  const write = async (part: string, bytes: Buffer, sequence: number): Promise<HeadPart> => {
    const blob = `${partsPrefix(name)}${part}.${sequence}-${writer}`;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const current = head.parts[part];
    if (current?.sha256 === sha256) return current;
    await store.put(blob, bytes);
    return { blob, sha256, bytes: bytes.length };
  };

  const save = async (
    changes: ReadonlyMap<string, Buffer | null>,
    totals: Totals,
    { clean, complete = false, revisits = head.revisits && !clean }: SaveOptions,
    settled: number,
  ) => {
    const stamp = next();
    const parts = { ...head.parts };
    const kept: [string, Buffer][] = [];
    for (const [part, bytes] of changes) {
      if (bytes === null) delete parts[part];
      else kept.push([part, bytes]);
    }
    for (let at = 0; at < kept.length; at += WRITES_AT_ONCE)
      await Promise.all(
        kept.slice(at, at + WRITES_AT_ONCE).map(async ([part, bytes]) => {
          parts[part] = await write(part, bytes, stamp.sequence);
        }),
      );
    const before = Object.values(head.parts);
    const covered = settled + (totals[REPEATS] ?? 0) - repeatsBefore;
    const { unsettled, saved } = announced.saving(covered, clean || complete);
    await commit({ ...head, ...stamp, clean, complete, revisits, unsettled, totals, parts });
    saved();
    covers = { settled, covered };
    const current = new Set(Object.values(parts).map(({ blob }) => blob));
    for (const { blob } of before) if (!current.has(blob)) await discard(blob);
  };

  /** Only cleanup: whatever is left is removed when the checkpoint is opened again. */
  const discard = async (blob: string): Promise<void> => {
    try {
      await store.remove(blob);
    } catch (error) {
      const reason = messageOf(error);
      log.debug({ blob, reason }, 'a superseded part of the state stays until the next run');
    }
  };

  await commit({ ...head, ...next() });
  const named = new Set(Object.values(head.parts).map(({ blob }) => blob));
  for await (const blob of store.list(partsPrefix(name))) if (!named.has(blob)) await discard(blob);

  let queue: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  };
  /** What the last save covered. */
  let covers = { settled: 0, covered: 0 };
  const announced = createAnnounced(left, () =>
    inTurn(async () => {
      const { unsettled, saved } = announced.saving(covers.covered, false);
      sequence += 1;
      await commit({ ...head, sequence, clean: false, unsettled });
      saved();
    }),
  );
  return {
    uncleanRuns,
    sending: {
      left,
      revisits,
      announce: (count) => announced.announce(count),
      withdraw: (count) => announced.settle(count),
    },
    settle: (count) => announced.settle(count),
    get totals() {
      return head.totals;
    },
    part: (part) => readPart(store, name, part, head.parts[part]),
    save(parts, totals, options) {
      // Copy now: anything the caller changes while this save waits belongs to the next one.
      const given = new Map(parts);
      const counted = { ...totals };
      const { settled } = announced;
      const work = async (): Promise<void> => {
        const changes = new Map([...carried, ...given]);
        carried = changes;
        await save(changes, counted, options, settled);
        carried = new Map();
      };
      return inTurn(work);
    },
    note: (part, bytes) =>
      inTurn(async () => {
        // A failed save may have carried an older content of this part.
        carried = new Map([...carried].filter(([name]) => name !== part));
        await save(new Map([[part, bytes]]), head.totals, { clean: false }, covers.settled);
      }),
  };
}

/** Reads a part named by a head, and verifies it. */
export async function readPart(
  store: Store,
  name: string,
  part: string,
  entry: HeadPart | undefined,
): Promise<Buffer | undefined> {
  if (entry === undefined) return undefined;
  const stored = await store.get(entry.blob);
  if (stored && createHash('sha256').update(stored.bytes).digest('hex') === entry.sha256) return stored.bytes;
  throw new ConfigError(
    `part ${part} of the state ${name} in ${store.name} is ${stored ? 'damaged' : 'missing'}; ` +
      'restore it, or drop the state with `stepsecurity-siem state forget` and start over',
  );
}
