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
  /** Settles one document. */
  readonly send: (entry: Entry) => Promise<void>;
}

/**
 * Whether a stream is made from our template, once for all writes to it. `logs-*` fits the template that every cluster
 * has: without ours everything would be taken, under other types. A write index that is there shows it; where the next
 * write makes one, documents go one at a time until it can be looked at. Throws `ConfigError` when it is another's.
 */
export type Proof = <Entry>(proving: Proving<Entry>) => Promise<void>;

export function createProof(): Proof {
  const inTurn = createWindow(1);
  let proven = false;
  return async ({ name, entries, refresh, send }) => {
    const look = async (): Promise<boolean> => {
      if (proven) return true;
      const { indices, rolling, ours } = await refresh();
      if (indices.length === 0 || rolling) return false;
      if (!ours) throw unmarked(name);
      proven = true;
      return true;
    };
    if (proven) return;
    await inTurn(async () => {
      for (const entry of entries) {
        if (await look()) return;
        await send(entry);
      }
      await look();
    });
  };
}
