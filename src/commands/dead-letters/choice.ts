import { UNDECODABLE } from '../../account/tally.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { compileWildcard } from '../../detections/wildcard.ts';
import type { DeadLetters } from '../../letters/dead-letters.ts';
import type { DeadLetter } from '../../letters/letter.ts';
import { spoken } from '../../redaction/spoken.ts';
import { printable } from '../../text/printable.ts';

/** Which letters to act on: those that match every given criterion, and any entry of a list. */
export interface LetterChoice {
  /** Prefixes of ids. */
  readonly ids?: readonly string[] | undefined;
  /** As in the ledger, including `(undecodable)`. */
  readonly kinds?: readonly string[] | undefined;
  readonly stages?: readonly DeadLetter['stage'][] | undefined;
  /** Codes of reasons, for example `rejected`. */
  readonly codes?: readonly string[] | undefined;
  /** Prefixes of URIs; an entry with a `*` is a glob over the whole URI. */
  readonly origins?: readonly string[] | undefined;
  /** Age in milliseconds since a letter was written or last failed again. */
  readonly olderThan?: number | undefined;
  readonly newerThan?: number | undefined;
}

/** The properties that a choice examines. */
type Chosen = Pick<DeadLetter, 'id' | 'at' | 'kind' | 'stage' | 'code' | 'origin'>;

/** Whether a choice excludes nothing. */
export function isEverything(choice: LetterChoice): boolean {
  return Object.values(choice).every((value: unknown) => value === undefined);
}

/** Compiles a choice. Throws an `Error` that says what is wrong with a glob. */
export function chooseLetters(choice: LetterChoice, now = Date.now()): (letter: Chosen) => boolean {
  const { ids, kinds, stages, codes, olderThan, newerThan } = choice;
  const origins = choice.origins?.map(originTest);
  const tests: ((letter: Chosen) => boolean)[] = [];
  if (ids !== undefined) tests.push(({ id }) => ids.some((start) => id.startsWith(start)));
  if (kinds !== undefined) tests.push(({ kind = UNDECODABLE }) => kinds.includes(kind));
  if (stages !== undefined) tests.push(({ stage }) => stages.includes(stage));
  if (codes !== undefined) tests.push(({ code }) => codes.includes(code));
  if (origins !== undefined) tests.push(({ origin: { uri } }) => origins.some((matches) => matches(uri)));
  if (olderThan !== undefined) tests.push(({ at }) => Date.parse(at) <= now - olderThan);
  if (newerThan !== undefined) tests.push(({ at }) => Date.parse(at) > now - newerThan);
  return (letter) => tests.every((test) => test(letter));
}

function originTest(text: string): (uri: string) => boolean {
  const matches = text.includes('*') ? compileWildcard(text) : (uri: string): boolean => uri.startsWith(text);
  // People copy what they were shown.
  return (uri) => matches(uri) || matches(spoken(uri));
}

/** Throws `ConfigError` for a prefix that matches no letter's id: a typo must not pass for success. */
export async function checkIds(letters: Pick<DeadLetters, 'files'>, ids: readonly string[]): Promise<void> {
  const unmet = new Set(ids);
  for await (const file of letters.files()) {
    for (const start of unmet) {
      if (file.letters.some(({ id }) => id.startsWith(start))) unmet.delete(start);
    }
    if (unmet.size === 0) return;
  }
  const [first] = unmet;
  throw new ConfigError(`no dead letter has an id that begins with "${printable(first ?? '')}"`);
}
