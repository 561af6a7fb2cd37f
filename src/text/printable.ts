/** C0, DEL, C1, and the Unicode characters that end a line or change the writing direction. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;
/** The same, without the characters that start a new line or column in multi-line text. */
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
 * Makes a name that came from outside (a key, a path, a kind) safe for a message or a terminal: one line, and nothing
 * that controls the terminal. Only for display: look things up by the original name.
 */
export function printable(name: string): string {
  return name.replace(UNPRINTABLE, escaped);
}

/** The same for text that may have several lines. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE_IN_LINES, escaped);
}

/** JSON that is safe on a terminal: escapes what `JSON.stringify` leaves unescaped. The meaning is unchanged. */
export function printableJson(value: unknown, indent?: number): string {
  return escapedInJson(JSON.stringify(value, undefined, indent));
}

/** The same for JSON that is already text. */
export function escapedInJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
