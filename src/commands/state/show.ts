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
import { printable } from '../../text/printable.ts';

/** Every checkpoint of the state, for people. Takes no lease and changes nothing: it may be called beside a run. */
export async function showState(session: Session, print: (line: string) => void): Promise<void> {
  const store = await openState(session, true);
  const names = await checkpointNames(store);
  if (names.length === 0) print(`no checkpoint in ${store.name}`);
  for (const name of names) {
    print(printable(spoken(name)));
    for (const line of await describe(session.route, store, name)) print(`  ${printable(spoken(line))}`);
  }
}

export async function checkpointNames(store: Store): Promise<string[]> {
  const names: string[] = [];
  for await (const blob of store.list('')) {
    const [name = '', ...rest] = blob.split('/');
    if (blob === headPath(name) && rest.length === 1) names.push(name);
  }
  return names;
}

/** What a head names, as a source reads it. */
export function partsOf(store: Store, name: string, head: Head): Parts {
  return {
    sizes: new Map(Object.entries(head.parts).map(([part, { bytes }]) => [part, bytes])),
    part: (part) => readPart(store, name, part, head.parts[part]),
  };
}

async function describe(route: Route, store: Store, name: string): Promise<string[]> {
  try {
    const found = await readHead(store, name);
    if (found === undefined) return ['removed just now'];
    const { head } = found;
    const now = fingerprintsOf(route);
    const lines = [`saved ${head.saved}, ${ending(head)}`];
    for (const key of ['identity', 'source', 'sink'] as const) {
      const differs = head.fingerprints[key] === now[key] ? '' : '  (not as configured now)';
      lines.push(`${key} ${head.fingerprints[key]}${differs}`);
    }
    const totals = Object.entries(head.totals).map(([key, value]) => `${key} ${value}`);
    lines.push(`totals ${totals.length === 0 ? 'none yet' : totals.join(', ')}`);
    for (const [part, { bytes }] of Object.entries(head.parts).sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push(`part ${part}, ${bytes} bytes`);
    }
    if (head.fingerprints.source === now.source) {
      lines.push(...(await route.source.describe(partsOf(store, name, head))));
    }
    return lines;
  } catch (error) {
    // One that is damaged must not hide the others.
    if (error instanceof ConfigError) return [`cannot be shown: ${error.message}`];
    throw error;
  }
}

function ending({ clean, complete, unclean_runs: runs }: Head): string {
  if (clean) return complete ? 'ended cleanly' : 'ended cleanly, but before everything was read';
  return `under way, or not ended cleanly (${Math.max(1, runs)} in a row): what followed the last save is read again`;
}
