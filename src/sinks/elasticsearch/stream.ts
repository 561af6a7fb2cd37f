import type { Client } from '@elastic/elasticsearch';
import type { Document } from '../../contracts/types.ts';
import { isAbsent, translate } from './failures.ts';
import { isMarked } from './marker.ts';
import { createProof, type Proof } from './proof.ts';
import { createWitness, type Witness } from './witness.ts';

/** What is known of a data stream's backing indices at one moment. */
export interface Backing {
  /** Names, the write index first, then ever older. Empty when the stream does not exist yet. */
  readonly indices: readonly string[];
  /** When the write index was created, in epoch milliseconds. */
  readonly since: number;
  /** The next write makes a new write index (a lazy rollover is pending). */
  readonly rolling: boolean;
  /** The write index was made from our template. */
  readonly ours: boolean;
}

/** Clocks of runner, exporter and cluster may differ by this much. */
const SKEW_MS = 3_600_000;

/**
 * Whether an older backing index may hold the document already: `_id` is unique only inside one. What happened well
 * after the write index was created cannot have been sent before it was.
 */
export function mayLieElsewhere(document: Document, backing: Backing): boolean {
  if (backing.rolling) return true;
  if (backing.indices.length < 2) return false;
  return document.timeIsReceipt || document.time <= backing.since + SKEW_MS;
}

const NONE: Backing = { indices: [], since: 0, rolling: false, ours: false };

/** Asks the cluster. Throws as `translate` says. */
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
      // Unknown means: ask for every document.
      since: Number(created ?? Number.MAX_SAFE_INTEGER),
      rolling: found?.[0]?.rollover_on_write === true,
      ours: isMarked(index),
    };
  } catch (error) {
    if (isAbsent(error)) return NONE;
    throw translate(error, what, signal);
  }
}

/** What is known of one data stream, shared by all writes to one stream. */
export interface Stream {
  readonly name: string;
  readonly witness: Witness;
  /** As last seen, or asked now when never seen. */
  readonly look: (client: Client, signal: AbortSignal) => Promise<Backing>;
  /** Asked now; calls at the same time share one answer. */
  readonly refresh: (client: Client, signal: AbortSignal) => Promise<Backing>;
  /** Until its template is proven, one write after the other. */
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
