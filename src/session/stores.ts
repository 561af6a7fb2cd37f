import type { Config } from '../config/schema.ts';
import { ConfigError } from '../contracts/errors.ts';
import { type DeadLetters, openDeadLetters } from '../letters/dead-letters.ts';
import { DEFAULT_STATE } from '../state/default.ts';
import { besideStore, openStore, type StateOptions } from '../state/index.ts';
import type { Store, StoreUse } from '../state/store.ts';
import type { Session } from './session.ts';

/** Opens the state. Throws `ConfigError` when it is `required` and none is configured. */
export function openState(
  { route, context }: Pick<Session, 'route' | 'context'>,
  required: boolean,
  use?: StoreUse,
): Promise<Store> {
  return openStore(stateOf(route.config, required), context, use);
}

/** Opens the dead-letter store: the configured one, else one next to the state. */
export function openLetterStore(
  { route, context }: Pick<Session, 'route' | 'context'>,
  use?: StoreUse,
): Promise<Store> {
  const { dead_letters: letters } = route.config;
  return openStore(letters.store ?? besideStore(stateOf(route.config, false), 'dead-letters'), context, use);
}

export async function openLetters(
  session: Pick<Session, 'route' | 'context'>,
  use?: StoreUse,
): Promise<DeadLetters> {
  return openDeadLetters(await openLetterStore(session, use));
}

export function stateOf({ state }: Pick<Config, 'state'>, required: boolean): StateOptions {
  if (state !== undefined) return state;
  if (!required) return DEFAULT_STATE;
  throw new ConfigError(
    'state: required for run, expected { type: file, path: … } or { type: s3, bucket: … }: without it, every run would start from the beginning',
  );
}
