import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../contracts/errors.ts';
import { readPart } from '../state/checkpoint.ts';
import { readHead } from '../state/head.ts';
import type { Reading } from './ends.ts';
import { RUN } from './lease.ts';
import { fingerprintsOf } from './memory.ts';
import type { Session } from './session.ts';
import { openState } from './stores.ts';

/**
 * What runs into this sink remember about the source, for inspection. Empty when they remember nothing, when the state
 * was made for something else, or when it is damaged: a run reports that itself.
 */
export async function recollection(session: Session): Promise<Pick<Reading, 'part'>> {
  const { route } = session;
  if (route.source.shared) return {};
  const store = await openState(session, false, 'read');
  const found = await orNothing(readHead(store, RUN));
  if (found === undefined || !isDeepStrictEqual(found.head.fingerprints, fingerprintsOf(route))) return {};
  return { part: (name) => orNothing(readPart(store, RUN, name, found.head.parts[name])) };
}

function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: unknown) => {
    if (error instanceof ConfigError) return undefined;
    throw error;
  });
}
