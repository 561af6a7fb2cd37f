import type { Client } from '@elastic/elasticsearch';
import type { Document } from '../../contracts/types.ts';
import { isAbsent, translate } from './failures.ts';
import { isMarked } from './marker.ts';
import { createProof, type Proof } from './proof.ts';
import { createWitness, type Witness } from './witness.ts';

/** What is known about a data stream's backing indices at one moment. */
export interface Backing {
  /** Names, starting with the write index, then older and older ones. Empty if the stream does not exist yet. */
  readonly indices: readonly string[];
  /** When the write index was created, in epoch milliseconds. */
  readonly since: number;
  /** The next write creates a new write index (a lazy rollover is pending). */
  readonly rolling: boolean;
  /** The write index was made from our template. */
  readonly ours: boolean;
}

/** The clocks of runner, exporter and cluster may differ by this much. */
const SKEW_MS = 3_600_000;

/**
 * Whether an older backing index may already have the document: `_id` is unique only within one index. Anything that
 * happened well after the write index was created cannot have been sent before.
 */
export function mayLieElsewhere(document: Document, backing: Backing): boolean {
  if (backing.rolling) return true;
  if (backing.indices.length < 2) return false;
  return document.timeIsReceipt || document.time <= backing.since + SKEW_MS;
}

const NONE: Backing = { indices: [], since: 0, rolling: false, ours: false };

/** Asks the cluster. Throws as `translate` does. */
async function readBacking(client: Client, stream: string, signal: AbortSignal): Promise<Backing> {
  const what = `reading the data stream ${stream}`;
  try {
    const { data_streams: found } = await client.indices.getDataStream(
      { name: stream, filter_path: 'data_streams.indices.index_name,data_streams.rollover_on_write' },
      { signal },
    );
    const indices = (found?.[0]?.indices ?? []).map((index) => index.index_name).toReversed();
    const write = indices[0];
    if (write === undefined) return NONE;
    const reply = await client.indices.get(
      { index: write, filter_path: '*.settings.index.creation_date,*.mappings._meta' },
      { signal },
    );
    const [index] = Object.values(reply);
    const created: unknown = index?.settings?.index?.creation_date;
    return {
      indices,
      // Unknown: look up every document.
      since: Number(created ?? Number.MAX_SAFE_INTEGER),
      rolling: found?.[0]?.rollover_on_write === true,
      ours: isMarked(index),
    };
  } catch (error) {
    if (isAbsent(error)) return NONE;
    throw translate(error, what, signal);
  }
}

/** What is known about one data stream, shared by all writes to it. */
export interface Stream {
  readonly name: string;
  readonly witness: Witness;
  /** As last seen, or requested now if it has never been. */
  readonly look: (client: Client, signal: AbortSignal) => Promise<Backing>;
  /** Requested now; concurrent calls share one answer. */
  readonly refresh: (client: Client, signal: AbortSignal) => Promise<Backing>;
  /** Until its template is proven, writes go one at a time. */
  readonly proof: Proof;
}

export function createStream(name: string): Stream {
  let known: Backing | undefined;
  let asking: Promise<Backing> | undefined;
  const refresh = (client: Client, signal: AbortSignal): Promise<Backing> => {
    asking ??= readBacking(client, name, signal)
      .then((backing) => {
        known = backing;
        return backing;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  return {
    name,
    witness: createWitness(),
    proof: createProof(),
    refresh,
    look: async (client, signal) => known ?? refresh(client, signal),
  };
}
