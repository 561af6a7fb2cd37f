import type { JsonObject } from '../contracts/types.ts';
import type { KindProfile } from './detection.ts';
import { text } from './scalars.ts';

/**
 * What a detection is called. The API names a row by its id where the export has a title: a kind has one name, whichever
 * source it came by, since rules and dashboards go by it.
 */
export function nameOf(
  { id: own, type, name, title, check_name: check }: JsonObject,
  profile: KindProfile,
  id: string,
): string {
  const given = text(name);
  // By another id, an alias, the vendor gives the kind another name.
  if (own !== id && type !== id && profile.dataset === 'detection' && profile.reads !== null)
    return profile.title;
  return (given === id ? undefined : given) ?? text(title) ?? text(check) ?? titleOf(profile, given);
}

/** A kind nobody has seen has no title of its own. */
function titleOf({ title, reads }: KindProfile, given: string | undefined): string {
  return reads === null ? (given ?? title) : title;
}
