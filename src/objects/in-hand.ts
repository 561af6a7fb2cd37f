import * as z from 'zod';
import { ConfigError } from '../contracts/errors.ts';
import type { SourceContext } from '../contracts/source.ts';
import { ID_BYTES, objectId } from './identity.ts';
import type { Chunk, ObjectRef, ResumePoint } from './object.ts';

/** Name of the checkpoint part. */
export const IN_HAND_PART = 'in_hand';

/** If this many processes die while reading one object, the object is the cause. */
const MAX_DEATHS = 3;
/**
 * The same for deaths before anything new in the object was reached: inflating the acked beginning of a compressed
 * object again takes long, but it did no harm before.
 */
const MAX_EARLY_DEATHS = 10;
/** The most objects named in the state. */
const MAX_NAMES = 8_192;
/**
 * The most objects that may have killed a run; more than that means a problem with this machine, not with the
 * objects.
 */
const MAX_SUSPECTED = 100;

const schema = z.strictObject({
  format: z.literal(1),
  /** The object being read alone: its id as hex, and whether its new content is being read. */
  alone: z.strictObject({ id: z.hex(), entered: z.boolean() }).optional(),
  /** Objects that are or were read alone, with the number of processes that died meanwhile. */
  suspected: z.array(
    z.strictObject({
      key: z.string(),
      version: z.string(),
      deaths: z.int().nonnegative(),
      /** Deaths before any of its new content was read. */
      early: z.int().nonnegative(),
      /** The number of its records that were acked when it was last read alone. */
      records: z.int().nonnegative(),
    }),
  ),
  /** Ids of all objects that are being read, or waiting to be read alone, concatenated. */
  ids: z.base64(),
});

type Place = Pick<ObjectRef, 'key' | 'version'>;
type Suspected = z.output<typeof schema>['suspected'][number];

export interface InHandOptions {
  readonly saved: Buffer | undefined;
  /** Writes the part immediately and durably. */
  readonly note: (part: string, bytes: Buffer) => Promise<void>;
  readonly pointOf: (place: Place) => ResumePoint | undefined;
}

/**
 * The objects that this process has in hand, written down before they are opened, so that if it is killed, the next
 * run knows which ones to read alone. If a process dies while it reads one object alone, was not told to stop, and
 * made no progress in it, the object is the cause.
 */
export interface InHand {
  /** Objects that were in hand when a run died and have not been read since. */
  readonly suspects: number;
  isSuspect(ref: ObjectRef): boolean;
  /**
   * How many processes died while reading it, without any of its records being acked in between, and whether that
   * is too many.
   */
  deathsOf(ref: ObjectRef): { readonly deaths: number; readonly tooMany: boolean };
  /** Durable when it resolves. */
  take(refs: readonly ObjectRef[]): Promise<void>;
  /** The same for an object that is read alone. */
  takeAlone(ref: ObjectRef): Promise<void>;
  /** The acked part of the object read alone has been passed: new content follows. Durable when it resolves. */
  entered(): Promise<void>;
  /** It is still in hand, but is not to blame for anything that happens from now on. */
  excuse(): Promise<void>;
  settle(chunk: Pick<Chunk, 'done' | 'missed' | 'failed'>): void;
  /** Objects in hand. */
  readonly size: number;
  /** All existing objects have been seen: suspects that were not among them are gone. */
  forgetUnmet(): void;
  /** No object is being worked on any more. */
  ended(): void;
  /** After `ended`: the part, if it differs from what was written. */
  changes(): ReadonlyMap<string, Buffer | null>;
}

/** From the checkpoint; undefined if there is no checkpoint. */
export async function openInHand(
  { part, note }: Pick<SourceContext, 'part' | 'note'>,
  pointOf: InHandOptions['pointOf'],
): Promise<InHand | undefined> {
  return note && createInHand({ saved: await part(IN_HAND_PART), note, pointOf });
}

export function createInHand({ saved, note, pointOf }: InHandOptions): InHand {
  const hand = new Set<string>();
  const stored = saved && decodeInHand(saved);
  const suspects = new Set(stored?.ids);
  const suspected = new Map<string, Suspected>();
  for (const one of stored?.suspected ?? []) {
    const id = objectId(one);
    // It has progressed since, so the run that died meanwhile had another cause.
    if (recordsAt(one) !== one.records) continue;
    const { alone } = stored ?? {};
    const deaths = one.deaths + (id === alone?.id && alone.entered ? 1 : 0);
    const early = one.early + (id === alone?.id && !alone.entered ? 1 : 0);
    if (deaths + early > 0) suspected.set(id, { ...one, deaths, early });
  }
  let alone: { id: string; entered: boolean } | undefined;
  let written = saved;
  let over = false;

  function recordsAt(place: Place): number {
    return pointOf(place)?.records ?? 0;
  }

  const encode = (): Buffer | undefined => {
    if (hand.size + suspects.size + suspected.size === 0) return undefined;
    const ids = [...new Set([...hand, ...suspects])].slice(0, MAX_NAMES);
    const state: z.input<typeof schema> = {
      format: 1,
      ...(alone && { alone: { ...alone, id: Buffer.from(alone.id, 'latin1').toString('hex') } }),
      suspected: [...suspected.values()].slice(-MAX_SUSPECTED),
      ids: Buffer.from(ids.join(''), 'latin1').toString('base64'),
    };
    return Buffer.from(`${JSON.stringify(state)}\n`);
  };
  const write = async (): Promise<void> => {
    const bytes = encode();
    if (bytes === undefined) return;
    written = bytes;
    await note(IN_HAND_PART, bytes);
  };

  return {
    get suspects() {
      return suspects.size;
    },
    get size() {
      return hand.size;
    },
    isSuspect(ref) {
      if (suspects.size + suspected.size === 0) return false;
      const id = objectId(ref);
      return suspects.has(id) || suspected.has(id);
    },
    deathsOf(ref) {
      const { deaths = 0, early = 0 } = suspected.get(objectId(ref)) ?? {};
      return { deaths: deaths + early, tooMany: deaths >= MAX_DEATHS || early >= MAX_EARLY_DEATHS };
    },
    async take(refs) {
      over = false;
      for (const ref of refs) hand.add(objectId(ref));
      await write();
    },
    async takeAlone(ref) {
      over = false;
      const id = objectId(ref);
      const { key, version } = ref;
      const { deaths = 0, early = 0 } = suspected.get(id) ?? {};
      const point = pointOf(ref);
      suspected.delete(id);
      suspected.set(id, { key, version, deaths, early, records: point?.records ?? 0 });
      hand.add(id);
      alone = { id, entered: point === undefined || point.offset !== undefined };
      await write();
    },
    async entered() {
      if (alone === undefined || alone.entered) return;
      alone.entered = true;
      await write();
    },
    async excuse() {
      if (alone === undefined) return;
      alone = undefined;
      await write();
    },
    settle({ done, missed, failed }) {
      for (const ref of [...done, ...missed, ...failed.map((one) => one.ref)]) {
        const id = objectId(ref);
        hand.delete(id);
        suspects.delete(id);
        if (id === alone?.id) alone = undefined;
        suspected.delete(id);
      }
    },
    forgetUnmet() {
      for (const known of [suspects, suspected])
        for (const id of known.keys()) if (!hand.has(id)) known.delete(id);
    },
    ended() {
      over = true;
      hand.clear();
      alone = undefined;
    },
    changes() {
      if (!over) return new Map();
      const bytes = encode();
      if (bytes === undefined ? written === undefined : written?.equals(bytes)) return new Map();
      written = bytes;
      return new Map([[IN_HAND_PART, bytes ?? null]]);
    },
  };
}

/** Throws `ConfigError` if the part is not ours. */
export function decodeInHand(saved: Buffer): {
  readonly alone: { readonly id: string; readonly entered: boolean } | undefined;
  readonly suspected: readonly Suspected[];
  readonly ids: readonly string[];
} {
  try {
    const { alone, suspected, ids } = schema.parse(JSON.parse(saved.toString()));
    const bytes = Buffer.from(ids, 'base64');
    const list: string[] = [];
    for (let at = 0; at < bytes.length; at += ID_BYTES)
      list.push(bytes.toString('latin1', at, at + ID_BYTES));
    const read = alone && { ...alone, id: Buffer.from(alone.id, 'hex').toString('latin1') };
    return { alone: read, suspected, ids: list };
  } catch (cause) {
    throw new ConfigError(`the checkpoint's part "${IN_HAND_PART}" is damaged or of another version`, {
      cause,
    });
  }
}

/** The part as text. */
export function describeInHand(saved: Buffer | undefined): string[] {
  if (saved === undefined) return [];
  const { ids, suspected, alone } = decodeInHand(saved);
  return [
    ...(ids.length === 0
      ? []
      : [
          `in hand: ${ids.length} objects; if no run is active, the last one died, and the next reads them one at a time`,
        ]),
    ...suspected.map((one) => {
      const now = objectId(one) === alone?.id ? ', being read alone' : '';
      return `suspected: ${one.key}, ${one.deaths + one.early} runs died while it was read alone${now}`;
    }),
  ];
}
