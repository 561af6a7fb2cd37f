import { type Output, reserve } from './output.ts';

/** From this length on, a pattern and a native write are faster than a loop. */
const LONG = 32;
/** Characters that a JSON string must not contain unescaped, or that take more than one byte in UTF-8. */
const SPECIAL = /[^ !#-[\]-~]/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;

/**
 * A JSON string. Lone surrogates and control characters are replaced, since NUL breaks some receivers. Returns
 * false if any was replaced: two different texts may then be written the same way.
 */
export function putString(out: Output, value: string, length = value.length): boolean {
  const bytes = reserve(out, length + 2);
  let at = out.at;
  if (length >= LONG) {
    if (SPECIAL.test(value)) return putSpecial(out, value);
    bytes[at] = QUOTE;
    bytes.write(value, at + 1, 'latin1');
    bytes[at + length + 1] = QUOTE;
    out.at = at + length + 2;
    return true;
  }
  bytes[at++] = QUOTE;
  for (let from = 0; from < length; from += 1) {
    // Via the prototype: for strings with many representations, V8 would look the method up at every character.
    const code = String.prototype.charCodeAt.call(value, from);
    if (code < SPACE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
      return putSpecial(out, value);
    }
    bytes[at++] = code;
  }
  bytes[at++] = QUOTE;
  out.at = at;
  return true;
}

function putSpecial(out: Output, value: string): boolean {
  const safe = safeText(value);
  putRaw(out, JSON.stringify(safe));
  return safe === value;
}

/** The text that `putString` writes. */
export function safeText(value: string): string {
  return value.toWellFormed().replace(CONTROL, '\ufffd');
}

/** Text that is already JSON. */
export function putRaw(out: Output, json: string): void {
  const bytes = reserve(out, json.length * 3);
  out.at += bytes.write(json, out.at, 'utf8');
}

export function putNumber(out: Output, value: number): void {
  const digits = String(value);
  const bytes = reserve(out, digits.length);
  let at = out.at;
  for (let from = 0; from < digits.length; from += 1) bytes[at++] = digits.charCodeAt(from);
  out.at = at;
}
