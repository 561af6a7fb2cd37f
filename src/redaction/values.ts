import type { Meaning } from './names.ts';
import { MASK_BEGIN } from './span.ts';

/** Words found in place of a secret that are not secrets. */
const PLACEHOLDERS = new Set(
  `true false null none nil undefined yes no on off empty read write admin inherit required optional string text hidden auto str int bool boolean number bytes object any
  default basic oidc oauth oauth2 saml ldap iam native enabled disabled stdin file env prompt ask bearer token negotiate`.split(
    /\s+/,
  ),
);
/** References to a value that is elsewhere, and text that is already masked. */
const REFERENCE =
  /^(?:\$[\w({]|\$$|%\w+%$|\{\{|<[\w -]+>$|[*x.•-]+$|@[\w./]|(?:env|file|fd|src|id|type|source):|(?:id|type|src|source|env)=|(?:process\.env|os\.environ|secrets|vars|inputs|github|steps|needs|matrix|env|var|data|local|module)\.[A-Za-z]|[\w./-]{1,200}:latest$)/i;
/** Places: an analyst needs them, and they are not secrets. */
const PLACE =
  /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\/dev\/(?:tcp|udp)\/|\.{0,2}\/(?:[\w.@-]+\/)+[\w.@:-]*$|\.{1,2}\/|~\/|\/[a-z._-]{1,32}$|[A-Za-z]:[\\/]|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?$|[\w-]+(?:\.[\w-]+)*:\d{1,5}$|localhost\b)/i;
/** As in `otp: 26.2`, an Erlang version. */
const VERSION = /^v?\d{1,3}(?:\.\d{1,3}){1,3}$/;
/** As in `Sig: SHA256`. */
const ALGORITHM =
  /^(?:(?:rsa|dsa|ecdsa|hmac|pgp)[-_]?)?(?:sha[-_]?\d{1,3}(?:withrsa)?|md5|ed25519|[rhep]s\d{3}|rsa\d{0,4}|ecdsa)$/i;
/** Names of files that contain a key. */
export const FILE =
  /\.(?:pem|key|pub|crt|cer|cert|p8|p12|pfx|jks|der|asc|gpg|json|ya?ml|txt|ini|env|lock|md|sh|py|js|ts|go|sig|sigstore|minisig|bundle)$/i;
const UUID_OR_HEX = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{20,})$/i;
/** From this length on, a path of letters and slashes may just as well be base64. */
const LONGEST_PATH_GUESS = 40;
/** Parts of a longer value that are kept. */
const KEPT =
  /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>`\\]+|\/dev\/(?:tcp|udp)\/[^\s/"'`\\]+\/\d{1,5}|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/gi;

/** Whether the value that a name points to is a secret. `loose`: among words, where names and prose look alike. */
export function isSecretValue(value: string, meaning: Meaning, loose: boolean): boolean {
  if (value === '' || value.startsWith(MASK_BEGIN)) return false;
  if (PLACEHOLDERS.has(value.toLowerCase()) || REFERENCE.test(value)) return false;
  if (isPlace(value)) return false;
  if (VERSION.test(value)) return false;
  if (ALGORITHM.test(value)) return false;
  if (meaning === 'coded' && (/^[A-Za-z]{1,19}$/.test(value) || /^\d+$/.test(value)))
    return /^\d{6,8}$/.test(value);
  if (/^\d+$/.test(value)) return meaning === 'password' && value.length >= (loose ? 6 : 4);
  if (meaning === 'vague') return value.includes(':') ? value.length > 4 : looksRandom(value);
  return !loose || !/^[A-Za-z]+[.,!?]?$/.test(value);
}

/** An address, a path or the name of a file. */
function isPlace(value: string): boolean {
  if (FILE.test(value) && !value.includes(' ')) return !isTokenOfFile(value);
  if (!PLACE.test(value)) return false;
  // A base64 key may begin with a slash, but no path of this length has so few words.
  return !(
    value.startsWith('/') &&
    value.length >= LONGEST_PATH_GUESS &&
    /^[\w+/]*[+][\w+/=]*$|^\/[\w+/]{0,200}=$/.test(value)
  );
}

/**
 * Whether the value is a file only because it ends in `.txt`: real files are not named `3f2b8c1a….txt`, and do not mix
 * digits into their letters twice.
 */
function isTokenOfFile(value: string): boolean {
  if (!/\.txt$/i.test(value)) return false;
  const stem = value.slice(0, -4);
  if (UUID_OR_HEX.test(stem)) return true;
  if (/^[A-Za-z0-9]{24,}$/.test(stem) && /\d/.test(stem)) return true;
  const amid = stem.match(/[A-Za-z]\d+(?=[A-Za-z])/g) ?? [];
  if (amid.length > 1 && /^(?:[A-Za-z0-9]{16,}|[\w.~+=-]{30,})$/.test(stem)) return true;
  // Words in camel case change less often.
  const changes = stem.match(/[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g) ?? [];
  return changes.length >= 0.4 * stem.length && /^(?=\D*\d)[\w-]{30,}$/.test(stem);
}

/** A long mix of letters and digits that no one would write as a word. */
function looksRandom(value: string): boolean {
  return value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/\s/.test(value);
}

/** The parts of a range to mask: an address inside a value is kept. */
export function withoutPlaces(
  text: string,
  from: number,
  to: number,
): readonly (readonly [number, number])[] {
  const value = text.slice(from, to);
  if (!/:\/\/|\/dev\/|\d\.\d/.test(value)) return [[from, to]];
  const parts: [number, number][] = [];
  let at = 0;
  for (const { index, 0: kept } of value.matchAll(KEPT)) {
    if (index > at && /[^\s;|&<>"'`]/.test(value.slice(at, index))) parts.push([from + at, from + index]);
    at = index + kept.length;
  }
  if (at < value.length && /[^\s;|&<>"'`]/.test(value.slice(at))) parts.push([from + at, to]);
  return parts;
}

/**
 * Where a quoted string that begins at `from`, after the quote, ends: before the same quote. A quote with fewer
 * backslashes ends the surrounding string, and therefore this one too.
 */
export function endOfQuoted(text: string, from: number, quote: string): number {
  const level = quote.length - 1;
  const sign = quote.slice(-1);
  for (let at = text.indexOf(sign, from); at !== -1; at = text.indexOf(sign, at + 1)) {
    let slashes = 0;
    while (at - slashes > from && text[at - slashes - 1] === '\\') slashes += 1;
    if (level === 0 ? slashes % 2 === 0 : slashes <= level) return level === 0 ? at : at - slashes;
  }
  return text.length;
}
