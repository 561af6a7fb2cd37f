import type { Json, JsonObject } from '../contracts/types.ts';
import { parseShallow } from '../records/shallow-json.ts';
import { setMember } from './member.ts';
import { isSecretFlag, MASK, NAMED, redactText } from './secrets.ts';

/**
 * A copy without secrets, keys included, and without the vendor's `secret` members. In a list of arguments the value
 * behind a flag that names a secret goes too.
 */
export function redact(value: Json): Json {
  if (typeof value === 'string') return redactString(value);
  if (Array.isArray(value)) return redactList(value);
  if (typeof value !== 'object' || value === null) return value;
  return redactObject(value);
}

/** What is nested too deep is JSON as text: its members go by their names as everywhere. */
function redactString(value: string): string {
  const clean = redactText(value);
  return /^[[{]/.test(clean) ? redactMembers(clean) : clean;
}

export function redactObject(object: JsonObject): JsonObject {
  const clean: JsonObject = {};
  const repeats = new Map<string, number>();
  for (const [key, member] of Object.entries(object)) {
    // The vendor masks its `secret`, but the first and last characters of it are real.
    if (key === 'secret' && typeof member !== 'boolean') continue;
    setMember(clean, free(redactText(key), clean, repeats), redact(member));
  }
  return clean;
}

/** A key no member has yet: what redaction makes the same is told apart by a number. Never tries one twice. */
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

function redactList(values: readonly Json[]): Json[] {
  let flagged = false;
  return values.map((value) => {
    const masked =
      flagged && (typeof value === 'string' ? !value.startsWith('-') : typeof value === 'number');
    flagged = typeof value === 'string' && isSecretFlag(value);
    return masked ? MASK : redact(value);
  });
}

/**
 * The text of a record that never became a detection, fit for a dead letter. JSON is redacted member by member; what is
 * no JSON as text, with escapes of plain characters undone first so that they hide nothing.
 */
export function redactRaw(raw: string): string {
  try {
    return JSON.stringify(redact(parseShallow(raw)));
  } catch {
    return redactBroken(raw);
  }
}

/** A flag and its value in one text, where the text begins or lines end by an escape. */
const FLAG_IN_JSON_TEXT = new RegExp(
  `((?:"|\\\\[nrt])--?${NAMED}(?: |\\\\[nrt])+)[^\\s"\\\\-][^\\s"\\\\]*`,
  'gi',
);

function redactBroken(raw: string): string {
  const plain = raw.replaceAll('\\/', '/').replace(/\\u00([2-7][0-9a-f])/gi, (whole, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return character === '"' || character === '\\' ? whole : character;
  });
  return redactMembers(redactText(plain));
}

/** What goes by its name or place, in JSON that is text. */
function redactMembers(json: string): string {
  return json
    .replace(FLAG_IN_JSON_TEXT, `$1${MASK}`)
    .replace(/("secret"\s*:\s*")(?:[^"\\]|\\.)*("?)/g, `$1${MASK}$2`)
    .replace(
      /("--?[\w.-]*(?:token|key|secret|passw(?:or)?d|pwd|sig|credential)"\s*,\s*")(?:[^"\\]|\\.)*("?)/gi,
      `$1${MASK}$2`,
    );
}
