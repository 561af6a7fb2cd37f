import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../../src/contracts/types.ts';

/** The size in bytes of a CIM event above which its payload is cut. */
export const LONGEST_EVENT = 900_000;

/**
 * The plain version of the rule: a name of more than 100 characters becomes its start and a hash; a member of more than
 * 8,192 characters of JSON becomes the start of its text, or of its JSON; and members are kept up to 500,000 bytes of
 * names and values.
 */
export function cut(payload: JsonObject): JsonObject {
  const kept: [string, Json][] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(payload)) {
    const member: [string, Json] = [nameOf(key), valueOf(value)];
    for (const part of member) bytes += Buffer.byteLength(JSON.stringify(part));
    if (bytes > 500_000) break;
    kept.push(member);
  }
  return Object.fromEntries(kept);
}

function nameOf(key: string): string {
  if (key.length <= 100) return key;
  return `${key.slice(0, 100).toWellFormed()}… (${hash('sha256', key).slice(0, 16)})`;
}

function valueOf(value: Json): Json {
  const json = JSON.stringify(value);
  if (json.length <= 8_192) return value;
  const text = typeof value === 'string' ? value : json;
  return text.length <= 8_192 ? text : `${text.slice(0, 8_191).toWellFormed()}…`;
}
