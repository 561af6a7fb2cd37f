import { setMember } from '../contracts/json.ts';
import type { Json, JsonObject } from '../contracts/types.ts';
import { shortName } from '../text/short-name.ts';

/** Levels of keys that Elasticsearch's `flattened` type accepts: with one more, it refuses the whole document. */
const MAX_LEVELS = 20;
/**
 * Limit in bytes for the keys above a value. Lucene accepts 32,766 bytes for keys and value together, and 1,024
 * characters of the value are indexed; a control character may take three bytes when it is written.
 */
const MAX_PATH = 8_192;

/** No shorter text can contain a path this long: one character of JSON gives at most three bytes of a key. */
const SHORTEST_TEXT = Math.floor(MAX_PATH / 3);

/** Whether `flattened` might refuse part of a record, judged by its brackets and its length: true for very few. */
export function mayNotFit(text: string, brackets: number): boolean {
  return brackets >= MAX_LEVELS || text.length >= SHORTEST_TEXT;
}

interface Fitting {
  readonly warnings: string[];
  readonly level: number;
  readonly path: number;
}

/**
 * An object, or a list of them, in a form that `flattened` accepts: values nested too deep become JSON text, and so
 * do members whose key is too long, under the key's beginning and hash. Nothing is lost, and the input is not
 * changed.
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
  // Lists are not a level: their members are further values of the same key.
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
