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
  /** The current state of the stream. */
  readonly refresh: () => Promise<Looks>;
  /** Settles one document. True if the stream has it. */
  readonly send: (entry: Entry) => Promise<boolean>;
  /** Called if nothing can be proven. */
  readonly unseen: () => void;
}

/**
 * Checks that a stream is made from our template, once for all writes to it. `logs-*` matches the template that every
 * cluster has, so without ours everything would be accepted, under other types. An existing write index shows it. If
 * the next write creates one, documents are sent one at a time until it can be checked. Throws `ConfigError` if the
 * index comes from another template. A server that has a document but shows no stream (a stand-in for a cluster) never
 * will, so it is not asked again.
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
