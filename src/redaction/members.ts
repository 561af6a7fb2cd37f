import { isObject, setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { beforeColon, type Meaning, meaningOf } from './names.ts';
import { programArgument, programWord } from './programs.ts';
import { maskOf } from './span.ts';
import { isSecretValue } from './values.ts';

/** What is needed to redact a value. */
export interface Cleaner {
  readonly text: (text: string) => string;
  readonly extra: ReadonlySet<string>;
  readonly count: ((rule: string) => void) | undefined;
  /** Values that the operator chose to keep. */
  readonly excepted: (value: string) => boolean;
}

/** Members that name the `value` next to them. */
const NAMES = ['name', 'key', 'header', 'Name', 'Key', 'NAME', 'KEY', 'variable'];
const VALUES = new Set(['value', 'Value', 'VALUE', 'val', 'data']);
/** Members that merely describe the object, when the object itself is named as a secret. */
const DESCRIPTIONS = new Set(
  'id name type kind rule_id file path line line_number url provider scope scopes created_at updated_at'.split(
    ' ',
  ),
);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MEMBER = 'named-member';
const ARGUMENT = 'flag-value';

/** A copy without secrets, in keys as well as values. */
export function cleanValue(value: Json, cleaner: Cleaner, named?: Meaning): Json {
  if (typeof value === 'string')
    return named === undefined ? cleaner.text(value) : cleanNamed(value, named, cleaner);
  if (typeof value === 'number') return named === undefined ? value : cleanNumber(value, named, cleaner);
  if (Array.isArray(value))
    return named === undefined
      ? cleanList(value, cleaner)
      : value.map((one) => cleanValue(one, cleaner, named));
  return isObject(value) ? cleanObject(value, cleaner, named) : value;
}

export function cleanObject(object: JsonObject, cleaner: Cleaner, named?: Meaning): JsonObject {
  const clean: JsonObject = {};
  const repeats = new Map<string, number>();
  const pair = meaningOfPair(object, cleaner);
  for (const key of Object.keys(object)) {
    const member = object[key] ?? null;
    // The vendor masks its `secret`, but leaves the real first and last characters.
    if (key === 'secret' && typeof member !== 'boolean') continue;
    const called =
      (VALUES.has(key) ? pair : undefined) ??
      memberMeaning(key, cleaner.extra) ??
      (DESCRIPTIONS.has(key) ? undefined : named);
    const value = isSecretId(key, member)
      ? mask('vault-secret-id', cleaner)
      : key === 'arguments' && Array.isArray(member)
        ? cleanList(member, cleaner, typeof object.exe === 'string' ? object.exe : undefined)
        : cleanValue(member, cleaner, called);
    setMember(clean, free(cleaner.text(key), clean, repeats), value);
  }
  return clean;
}

/** The secret ID of Vault's AppRole. Elsewhere a `secret_id` is the name of a secret. */
function isSecretId(key: string, value: Json): boolean {
  return key.toLowerCase() === 'secret_id' && typeof value === 'string' && UUID.test(value);
}

function memberMeaning(key: string, extra: ReadonlySet<string>): Meaning | undefined {
  return meaningOf(key, false, extra);
}

function meaningOfPair(object: JsonObject, { extra }: Cleaner): Meaning | undefined {
  for (const key of NAMES) {
    const name = object[key];
    if (typeof name === 'string' && name.length < 200) {
      const meaning = meaningOf(name, false, extra);
      if (meaning !== undefined) return meaning;
    }
  }
  return undefined;
}

function cleanNamed(value: string, named: Meaning, cleaner: Cleaner): string {
  const text = value.trim();
  const isSecret = isSecretValue(text, named === 'header' ? 'token' : named, false);
  return isSecret && !cleaner.excepted(value) ? mask(MEMBER, cleaner) : cleaner.text(value);
}

function cleanNumber(value: number, named: Meaning, cleaner: Cleaner): Json {
  const isSecret = named === 'password' || (named === 'coded' && isSecretValue(String(value), named, false));
  return isSecret && !cleaner.excepted(String(value)) ? mask(MEMBER, cleaner) : value;
}

/** In a list of arguments, also masks the value after a flag that names a secret. */
function cleanList(values: readonly Json[], cleaner: Cleaner, program?: string): Json[] {
  const before: string[] = program === undefined ? [] : [program.slice(program.lastIndexOf('/') + 1)];
  let flagged: Meaning | undefined;
  return values.map((value, at) => {
    const clean = cleanArgument(value, flagged, before, cleaner);
    const carried = flagged === 'header' && typeof value === 'string' && SCHEME.test(value);
    if (!carried)
      flagged =
        typeof value === 'string' && !(value === '--secret' && isGcloud(before))
          ? meaningOfArgument(value, values[at - 1], cleaner)
          : undefined;
    if (typeof value === 'string' && before.length < 100) before.push(programWord(value));
    return clean;
  });
}

const NAMED_SECRET = '--secret=';
/** Only a scheme: its credentials are the next word. */
const SCHEME = /^(?:basic|bearer|token)$/i;
/** A name ending in the sign before its value, from a command line that was split at spaces. */
const AWAITING = /^[-"'{]{0,3}([\w.-]+)["']?(?::|:?=)$/;
const SETTERS = new Set<Json | undefined>(['set', 'setx', 'ENV']);

/** A flag, the name of a setting after a word such as `set`, or a name that ends in a sign. */
function meaningOfArgument(
  value: string,
  previous: Json | undefined,
  { extra }: Cleaner,
): Meaning | undefined {
  // `npm config set //registry.example.com/:_authToken VALUE`
  const isSet = SETTERS.has(previous);
  const own = isSet && value.startsWith('//') ? value.slice(value.lastIndexOf(':') + 1) : value;
  const awaiting = AWAITING.exec(value)?.[1];
  const name = awaiting ?? own;
  const isName = awaiting !== undefined || (/^-?-?[\w.-]+$/.test(name) && (name.startsWith('-') || isSet));
  const meaning = isName ? meaningOf(name, false, extra) : undefined;
  return meaning !== undefined && value.endsWith(':') ? beforeColon(name, meaning) : meaning;
}

function cleanArgument(
  value: Json,
  flagged: Meaning | undefined,
  before: readonly string[],
  cleaner: Cleaner,
): Json {
  if (typeof value === 'number') return flagged === undefined ? value : mask(ARGUMENT, cleaner);
  if (typeof value !== 'string') return cleanValue(value, cleaner);
  if (flagged !== undefined && !value.startsWith('-') && !cleaner.excepted(value)) {
    const meaning = flagged === 'vague' || flagged === 'header' ? 'token' : flagged;
    if (isSecretValue(unquoted(value), meaning, false)) return mask(ARGUMENT, cleaner);
  }
  // gcloud's flag takes the name of a secret, which the word itself does not show.
  if (value.startsWith(NAMED_SECRET) && isGcloud(before))
    return NAMED_SECRET + cleaner.text(value.slice(NAMED_SECRET.length));
  const kept = /\s/.test(value) ? undefined : programArgument(before, value);
  if (kept === undefined || cleaner.excepted(value.slice(kept.length))) return cleaner.text(value);
  return kept + mask('program-flag', cleaner);
}

function isGcloud(before: readonly string[]): boolean {
  return before.some((word) => /^gcloud(?:\.py)?$/.test(word));
}

/** Quotes may remain if a command line was split at spaces. */
function unquoted(value: string): string {
  const quote = value[0];
  return value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote)
    ? value.slice(1, -1)
    : value;
}

function mask(rule: string, { count }: Cleaner): string {
  count?.(rule);
  return maskOf(rule);
}

/** A key that no member has yet: keys that redaction makes equal are numbered. Never tries a number twice. */
function free(key: string, object: JsonObject, repeats: Map<string, number>): string {
  if (!Object.hasOwn(object, key)) return key;
  let count = repeats.get(key) ?? 1;
  let name: string;
  do {
    count += 1;
    name = `${key} (${count})`;
  } while (Object.hasOwn(object, name));
  repeats.set(key, count);
  return name;
}
