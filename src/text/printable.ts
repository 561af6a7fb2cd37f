/** C0, DEL, C1, and what ends a line or turns the direction of writing in Unicode. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;
/** The same without what begins a new line or column in text of several lines. */
const UNPRINTABLE_IN_LINES =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const name = NAMES[character];
  if (name !== undefined) return name;
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * A name that others chose (a key, a path, a kind) as a message or a terminal takes it: on one line, and nothing in it
 * steers the terminal. For people: what is looked up goes by the name itself.
 */
export function printable(name: string): string {
  return name.replace(UNPRINTABLE, escaped);
}

/** The same for text that may have several lines. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE_IN_LINES, escaped);
}

/** JSON that a terminal takes: what `JSON.stringify` leaves unescaped is escaped as JSON does. It means the same. */
export function printableJson(value: unknown, indent?: number): string {
  return escapedInJson(JSON.stringify(value, undefined, indent));
}

/** The same of JSON that is text already. */
export function escapedInJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
