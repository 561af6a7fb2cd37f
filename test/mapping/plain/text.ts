/**
 * The plain writer: writes documents in the most straightforward way. It builds an object from the rules and
 * stringifies it, and shares only the parsed mappings and the decoded detection with the generated writer.
 */

const NOTHING = new Set(['', '-', 'unknown', 'null', '(null)']);
const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !isList(value);

/** No control characters except tab, line feed and carriage return; no half of a surrogate pair. */
export function safe(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const kept = code === 0x09 || code === 0x0a || code === 0x0d;
    const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const half = code >= 0xd800 && code <= 0xdfff;
    return (control && !kept) || half ? '\ufffd' : character;
  }).join('');
}

/** A value as a field holds it: undefined for one that means nothing. */
export function tidy(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return NOTHING.has(value.toLowerCase()) ? undefined : safe(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'boolean') return value;
  if (isList(value)) {
    const list = value
      .map((one) => (typeof one === 'string' ? safe(one) : tidy(one)))
      .filter((one) => one !== undefined);
    return list.length === 0 ? undefined : list;
  }
  if (!isObject(value)) return undefined;
  const members = Object.entries(value)
    .map(([key, member]) => [safe(key), tidy(member)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** A value that is kept complete: only its texts are made safe, and keys that become equal by that get a number. */
export function whole(value: unknown): unknown {
  if (typeof value === 'string') return safe(value);
  if (isList(value)) return value.map(whole);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const taken = new Set(keys.filter((key) => safe(key) === key));
  const nameOf = (key: string): string => {
    if (safe(key) === key) return key;
    let name = safe(key);
    for (let nth = 2; taken.has(name); nth += 1) name = `${safe(key)} (${nth})`;
    taken.add(name);
    return name;
  };
  return Object.fromEntries(keys.map((key) => [nameOf(key), whole(value[key])]));
}
