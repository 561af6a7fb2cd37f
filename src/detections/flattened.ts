import { setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { shortName } from '../text/short-name.ts';

/** Levels of keys that Elasticsearch's type `flattened` takes: one more, and it refuses the whole document. */
const MAX_LEVELS = 20;
/**
 * Bytes of the keys above a value. Lucene takes 32,766 for them and the value, of which 1,024 characters are indexed;
 * writing may make three bytes of a control character.
 */
const MAX_PATH = 8_192;

/** No shorter text holds so long a path: a character of JSON is at most three bytes of a key. */
const SHORTEST_TEXT = Math.floor(MAX_PATH / 3);

/** Whether a record's text may hold what `flattened` refuses, by its brackets and its length: hardly any may. */
export function mayNotFit(text: string, brackets: number): boolean {
  return brackets >= MAX_LEVELS || text.length >= SHORTEST_TEXT;
}

interface Fitting {
  readonly warnings: string[];
  readonly level: number;
  readonly path: number;
}

/**
 * An object, or a list of them, as `flattened` takes it: what is nested too deep is JSON text, and so is a member whose key is too long,
 * under the key's beginning and hash. Nothing is lost, and the value itself is left as it is.
 */
export function fitFlattened<T extends JsonObject | JsonObject[]>(
  value: T | undefined,
  warnings: string[],
): T | undefined {
  if (value === undefined) return undefined;
  const root = { warnings, level: 1, path: 0 };
  return (Array.isArray(value) ? value.map((one) => fitObject(one, root)) : fitObject(value, root)) as T;
}

function fitObject(object: JsonObject, { warnings, level, path }: Fitting): JsonObject {
  const fitted: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    const length = path + Buffer.byteLength(key) + 1;
    if (length > MAX_PATH) {
      warnings.push('long_key_as_text');
      setMember(fitted, shortName(key), JSON.stringify(only(key, value)));
    } else {
      setMember(fitted, key, fitValue(value, { warnings, level, path: length }));
    }
  }
  return fitted;
}

function fitValue(value: Json, at: Fitting): Json {
  if (typeof value !== 'object' || value === null) return value;
  // Lists are no level: their members are further values of the same key.
  if (Array.isArray(value)) return value.map((member) => fitValue(member, at));
  if (at.level < MAX_LEVELS) return fitObject(value, { ...at, level: at.level + 1 });
  at.warnings.push('deep_as_text');
  return JSON.stringify(value);
}

function only(key: string, value: Json): JsonObject {
  const member: JsonObject = {};
  setMember(member, key, value);
  return member;
}
