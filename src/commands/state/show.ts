import type { Route } from '../../config/route.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Parts } from '../../contracts/source.ts';
import { spoken } from '../../redaction/spoken.ts';
import { fingerprintsOf } from '../../session/memory.ts';
import type { Session } from '../../session/session.ts';
import { openState } from '../../session/stores.ts';
import { readPart } from '../../state/checkpoint.ts';
import { type Head, headPath, readHead } from '../../state/head.ts';
import type { Store } from '../../state/store.ts';
import { type Checkpoint, type Remembered, rememberedIn } from './remembered.ts';

/** Every checkpoint of the state. Takes no lease and changes nothing, so it may be used during a run. */
export async function readRemembered(session: Session): Promise<Remembered> {
  const { config, source } = session.route;
  if (source.shared && config.state === undefined)
    throw new ConfigError('there is no state: with queue_url, the queue remembers what to read');
  const store = await openState(session, true, 'read');
  const checkpoints: Checkpoint[] = [];
  for (const name of await checkpointNames(store)) {
    const checkpoint = await readCheckpoint(session.route, store, name);
    if (checkpoint !== undefined) checkpoints.push(checkpoint);
  }
  return rememberedIn(spoken(store.name), checkpoints);
}

export async function checkpointNames(store: Store): Promise<string[]> {
  const names: string[] = [];
  for await (const blob of store.list('')) {
    const [name = '', ...rest] = blob.split('/');
    if (blob === headPath(name) && rest.length === 1) names.push(name);
  }
  return names;
}

/** What a head names, in the form a source reads. */
export function partsOf(store: Store, name: string, head: Head): Parts {
  return {
    sizes: new Map(Object.entries(head.parts).map(([part, { bytes }]) => [part, bytes])),
    part: (part) => readPart(store, name, part, head.parts[part]),
  };
}

/** Undefined if it was removed just now. */
async function readCheckpoint(route: Route, store: Store, name: string): Promise<Checkpoint | undefined> {
  try {
    const found = await readHead(store, name);
    return found && (await checkpointOf(route, store, name, found.head));
  } catch (error) {
    // A damaged checkpoint must not hide the others.
    if (error instanceof ConfigError) return { name: spoken(name), error: spoken(error.message) };
    throw error;
  }
}

async function checkpointOf(route: Route, store: Store, name: string, head: Head): Promise<Checkpoint> {
  const { saved, clean, complete, unclean_runs, fingerprints, totals } = head;
  const now = fingerprintsOf(route);
  const progress =
    fingerprints.source === now.source ? await route.source.describe(partsOf(store, name, head)) : [];
  const parts = Object.entries(head.parts).map(([part, { bytes }]): [string, number] => [
    spoken(part),
    bytes,
  ]);
  return {
    name: spoken(name),
    saved,
    clean,
    complete,
    unclean_runs: clean ? 0 : unclean_runs,
    fingerprints: {
      identity: spoken(fingerprints.identity),
      source: spoken(fingerprints.source),
      sink: spoken(fingerprints.sink),
    },
    changed: (['identity', 'source', 'sink'] as const).filter((key) => fingerprints[key] !== now[key]),
    totals,
    parts: Object.fromEntries(parts.sort(([a], [b]) => (a < b ? -1 : 1))),
    progress: progress.map(spoken),
  };
}
