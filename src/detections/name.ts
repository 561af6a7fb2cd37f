import type { JsonObject } from '../contracts/types.ts';
import type { KindProfile } from './detection.ts';
import { ANY_CHECK } from './kind.ts';
import { text } from './scalars.ts';

/**
 * The name of a detection. A known kind has one name, whatever source it came from and however that spells it,
 * since rules and dashboards rely on it. Unknown kinds and incidents have the name that the payload gives them;
 * failing that, unknown kinds have the words of their id.
 */
export function nameOf(
  { name, title, check_name: check }: JsonObject,
  profile: KindProfile,
  id: string,
): string {
  const known = profile.reads !== null && profile.kind !== ANY_CHECK;
  if (known && profile.dataset !== 'threat_intel') return profile.title;
  return trimmed(name) ?? trimmed(title) ?? trimmed(check) ?? wordsOf(id, profile) ?? profile.title;
}

function trimmed(value: JsonObject[string] | undefined): string | undefined {
  return text(value)?.trim() || undefined;
}

/** `Image-Pulled` becomes "Image Pulled". */
function wordsOf(id: string, { kind, reads }: KindProfile): string | undefined {
  return reads === null && id !== kind ? id.replaceAll(/[-_\s]+/g, ' ').trim() || undefined : undefined;
}

/** Marks the name as a dry run, once. */
export function rehearsalName(name: string): string {
  return /dry[\s_-]?run/i.test(name) ? name : `${name} (dry run)`;
}

/** The payload's own name, if it says something that none of `names` does; otherwise undefined. */
export function otherNameOf(
  { name }: JsonObject,
  { reads }: KindProfile,
  names: readonly (string | undefined)[],
): string | undefined {
  const own = text(name);
  // An unknown kind keeps its whole payload.
  if (own === undefined || reads === null || names.includes(own)) return undefined;
  const said = lettersOf(own);
  return names.some((one) => one !== undefined && lettersOf(one) === said) ? undefined : own;
}

/** `Reverse-Shell` and `Reverse shell` are the same words. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
