import { createWindow } from '../../io/window.ts';
import { unmarked } from './marker.ts';

interface Looks {
  readonly indices: readonly string[];
  readonly rolling: boolean;
  readonly ours: boolean;
}

interface Proving<Entry> {
  readonly name: string;
  readonly entries: readonly Entry[];
  /** The stream as it is now. */
  readonly refresh: () => Promise<Looks>;
  /** Settles one document. True when the stream has it. */
  readonly send: (entry: Entry) => Promise<boolean>;
  /** Called when nothing can be proven. */
  readonly unseen: () => void;
}

/**
 * Whether a stream is made from our template, once for all writes to it. `logs-*` fits the template that every cluster
 * has: without ours everything would be taken, under other types. A write index that is there shows it; where the next
 * write makes one, documents go one at a time until it can be looked at. Throws `ConfigError` when it is another's.
 * A server that has a document and shows no stream (a stand-in for a cluster) never will: it is asked no further.
 */
export type Proof = <Entry>(proving: Proving<Entry>) => Promise<void>;

export function createProof(): Proof {
  const inTurn = createWindow(1);
  let proven = false;
  return async ({ name, entries, refresh, send, unseen }) => {
    const look = async (isStored = false): Promise<boolean> => {
      if (proven) return true;
      const { indices, rolling, ours } = await refresh();
      if (indices.length === 0 && isStored) {
        unseen();
        proven = true;
        return true;
      }
      if (indices.length === 0 || rolling) return false;
      if (!ours) throw unmarked(name);
      proven = true;
      return true;
    };
    if (proven) return;
    await inTurn(async () => {
      let isStored = false;
      for (const entry of entries) {
        if (await look(isStored)) return;
        isStored = await send(entry);
      }
      await look(isStored);
    });
  };
}
