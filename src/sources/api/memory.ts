import { ConfigError } from '../../contracts/errors.ts';
import { STATUSES, type Status } from './kinds.ts';

/** What is remembered about a row. */
export interface RowState {
  readonly occurrence: string;
  readonly status: Status;
  /** State changes sent so far; never reset, so that no two changes of a row share a uid. */
  readonly counter: number;
}

/** A row as it will be remembered once its record is acked. */
export interface Proposal {
  readonly key: string;
  readonly state: RowState;
}

/** What has already been delivered, in 17 bytes per live row. */
export interface RowMemory {
  /** As last proposed, else as remembered. Marks the row as seen in this sweep. */
  see(key: string): RowState | undefined;
  propose(proposal: Proposal): void;
  /** The records of these proposals are acked. */
  remember(proposals: readonly Proposal[]): void;
  /** Changes the state immediately: there is no record to wait for. */
  note(key: string, state: RowState): void;
  /** Discards proposals that were never settled (their rows will be sent again) and forgets which rows were seen. */
  begin(): void;
  /**
   * Called after a sweep in which every list was complete: drops rows missed in three such sweeps in a row. Returns
   * their number.
   */
  prune(): number;
  /** True while a proposal is pending. */
  waiting(): boolean;
  size(): number;
  /** Packed; undefined if nothing has changed since the last call. */
  save(): Buffer | undefined;
}

// Header: magic. Entry: key 8 | occurrence 6 | flags 1 | counter 2. Flags: status 2 bits, missed 2 bits, seen 1 bit.
const MAGIC = Buffer.from('SSR1');
const KEY = 8;
const FLAGS = 14;
const COUNTER = 15;
const ENTRY = 17;
const SEEN = 0x10;
const ABSENCES = 3;
/** Above this many changes they are merged into the packed bytes: a Map costs ten times as much per row. */
const FOLD_AT = 50_000;

/** `bytes` is what `save` returned in an earlier run. */
export function createMemory(bytes: Buffer | undefined): RowMemory {
  let base = unpack(bytes);
  const changed = new Map<string, RowState>();
  const proposed = new Map<string, RowState>();
  let dirty = false;

  const find = (key: string): number => {
    let low = 0;
    let high = base.length / ENTRY;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = middle * ENTRY;
      const found = base.toString('latin1', at, at + KEY);
      if (found === key) return at;
      if (found < key) low = middle + 1;
      else high = middle;
    }
    return -1;
  };

  const fold = () => {
    if (changed.size === 0) return;
    base = merge(base, changed);
    changed.clear();
  };

  const put = (key: string, state: RowState) => {
    changed.set(key, state);
    dirty = true;
    if (changed.size >= FOLD_AT) fold();
  };

  return {
    see(key) {
      const at = find(key);
      if (at >= 0) {
        const flags = base.readUInt8(at + FLAGS);
        if ((flags & 0x0c) !== 0) dirty = true;
        base.writeUInt8((flags & 0x03) | SEEN, at + FLAGS);
      }
      return proposed.get(key) ?? changed.get(key) ?? (at >= 0 ? stateAt(base, at) : undefined);
    },
    propose: ({ key, state }) => void proposed.set(key, state),
    remember(proposals) {
      for (const { key, state } of proposals) {
        put(key, state);
        if (proposed.get(key) === state) proposed.delete(key);
      }
    },
    note: put,
    begin() {
      proposed.clear();
      fold();
      for (let at = 0; at < base.length; at += ENTRY) {
        base.writeUInt8(base.readUInt8(at + FLAGS) & ~SEEN, at + FLAGS);
      }
    },
    prune() {
      fold();
      let kept = 0;
      for (let at = 0; at < base.length; at += ENTRY) {
        const flags = base.readUInt8(at + FLAGS);
        const missed = ((flags >> 2) & 0x03) + ((flags & SEEN) === 0 ? 1 : 0);
        if (missed >= ABSENCES) continue;
        if ((flags & SEEN) === 0) {
          base.writeUInt8((flags & 0x13) | (missed << 2), at + FLAGS);
          dirty = true;
        }
        base.copyWithin(kept, at, at + ENTRY);
        kept += ENTRY;
      }
      const dropped = (base.length - kept) / ENTRY;
      if (dropped > 0) dirty = true;
      base = base.subarray(0, kept);
      return dropped;
    },
    waiting: () => proposed.size > 0,
    size: () => base.length / ENTRY + changed.size,
    save() {
      if (!dirty) return undefined;
      fold();
      dirty = false;
      const packed = Buffer.concat([MAGIC, base]);
      for (let at = MAGIC.length; at < packed.length; at += ENTRY) {
        packed.writeUInt8(packed.readUInt8(at + FLAGS) & ~SEEN, at + FLAGS);
      }
      return packed;
    },
  };
}

function unpack(bytes: Buffer | undefined): Buffer {
  if (bytes === undefined) return Buffer.alloc(0);
  const body = bytes.subarray(MAGIC.length);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || body.length % ENTRY !== 0) {
    throw new ConfigError('state: the memory of API rows is damaged; restore it, or reset the state');
  }
  return Buffer.from(body);
}

function stateAt(base: Buffer, at: number): RowState {
  return {
    occurrence: base.toString('latin1', at + KEY, at + FLAGS),
    status: STATUSES[base.readUInt8(at + FLAGS) & 0x03] ?? 'new',
    counter: base.readUInt16LE(at + COUNTER),
  };
}

/**
 * Sorted `base` with the changes applied. A changed row was seen in this sweep; otherwise it would not have changed.
 */
function merge(base: Buffer, changes: ReadonlyMap<string, RowState>): Buffer {
  const keys = [...changes.keys()].sort();
  const out = Buffer.alloc(base.length + keys.length * ENTRY);
  let from = 0;
  let to = 0;
  for (const key of keys) {
    let next = from;
    while (next < base.length && base.toString('latin1', next, next + KEY) < key) next += ENTRY;
    to += base.copy(out, to, from, next);
    from = next < base.length && base.toString('latin1', next, next + KEY) === key ? next + ENTRY : next;
    const state = changes.get(key);
    if (state === undefined) continue;
    out.write(key + state.occurrence, to, 'latin1');
    out.writeUInt8(STATUSES.indexOf(state.status) | SEEN, to + FLAGS);
    out.writeUInt16LE(state.counter & 0xffff, to + COUNTER);
    to += ENTRY;
  }
  to += base.copy(out, to, from);
  return out.subarray(0, to);
}
