import { beforeColon, type Meaning, meaningOf, namesSecretOnly } from './names.ts';
import type { Span } from './span.ts';
import { endOfQuoted, FILE, isSecretValue, withoutPlaces } from './values.ts';

/** A name in a text. */
export interface Named {
  readonly from: number;
  readonly to: number;
}

/** The longest name that is read completely. */
const REACH = 100;

/** The name around a place in a text. */
export function nameAround(text: string, at: number): Named {
  let from = at;
  let to = at;
  while (from > 0 && at - from < REACH && isOfName(text.charCodeAt(from - 1))) from -= 1;
  while (to < text.length && to - at < REACH && isOfName(text.charCodeAt(to))) to += 1;
  // In JSON text a line break is two characters, and the second one is not part of the name.
  if (text[from - 1] === '\\' && /[nrt]/.test(text[from] ?? '')) from += 1;
  return { from, to };
}

/** A letter, a digit, `_`, `.` or `-`. */
function isOfName(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d ||
    code === 0x2e
  );
}

/** What can come between a name and its value: quotes and brackets that end the name, and a sign. */
const ASSIGNED = /(?:\\*["'`])?(?:\\*["'`]?\])?[ \t]{0,3}(?::=|=>|\?=|\|\|=|=(?!=)|:(?![:/]))[ \t]{0,8}/y;
/** After a flag: its value is the next word. */
const NEXT_WORD = /(?:[ \t\r\n]|\\+[nrt])+/y;
/** Its value is the next string in a list. */
const NEXT_TEXT = /(\\*["'])[ \t\r\n]*,[ \t\r\n]*\1/y;
/** `"name":"DB_PASSWORD","value":"…"`, `key="Password" value="…"`. */
const PAIR = /(\\*["'])[ \t\r\n]*,?[ \t\r\n]*(?:\1)?val(?:ue)?(?:\1)?[ \t]{0,3}[:=][ \t]{0,3}\1/iy;
/** `"value":"…","name":"DB_PASSWORD"`: the text before the name. */
const PAIR_NAME = /(?:name|key)\\*["'][ \t]*:[ \t]*\\*["']$/i;
const PAIR_VALUE =
  /(\\*["'])val(?:ue)?\1[ \t\r\n]*:[ \t\r\n]*\1([^"'\\\r\n]{1,256})\1[ \t\r\n]*,[ \t\r\n]*\1(?:name|key)\1[ \t]*:[ \t]*\1$/di;
/**
 * What precedes a name and its value that are separated by spaces: `aws configure set NAME VALUE`, a line of a .netrc.
 */
const SETTING = /(?:\bset[ \t]+(?:\/\/[\w./-]{1,100}:)?|\bsetx[ \t]+|\bENV[ \t]+|\blogin\s+\S{1,60}\s+)$/;
/** SQL syntax: `PASSWORD 'x'`. */
const QUOTED_WORD = /[ \t]+(?=')/y;
const ELEMENT = />/y;
const VALUE_OF_ELEMENT = /[ \t]+value[ \t]*=[ \t]*(?=\\*["'])/iy;
/** The next line of YAML. */
const YAML_PAIR = /["']?[ \t]*(?:\r?\n|\\n)[ \t]*["']?value["']?:[ \t]*/y;
const YAML_NAME = /(?:name|key):[ \t]*["']?$/;
/** A function call in code. */
const CALL = /[A-Za-z_$.]+\(/y;
const OPENING = /\$?(\\*["'`])/y;
const LIST = /^\[\s*\\*["']/;
const UNQUOTED = /(?:[^\s&;"'`|<>\\]|\\(?![nrt"'`\\]))+/y;
const LINE = /(?:[^\r\n"'`\\]|(?<==)\\*"[^"\r\n]*"|\\(?![nr"'`\\]))+/y;
/** `Bearer abc`, `abc`, `a=b; c=d`: the part that is certainly the value of a header without quotes around it. */
const HEADER_VALUE =
  /(?:(?:basic|bearer|token|digest|negotiate|apikey|[a-z][\w-]{2,30})(?:\\?[ \t])+)?(?:[^\s"'`\\]|(?<==)"[^"\r\n]*")+(?:(?<=[;,])[ \t]*[^\s"'`\\=]+=(?:"[^"\r\n]*",?|[^\s"'`\\]*))*/iy;

/** In `Bearer $TOKEN`, only what follows the scheme may be a secret. */
const SCHEME = /^(?:basic|bearer|token)[ \t]+(?=\$)/i;

/** The secrets that a name points to, and the index before which no further name needs to be checked. */
interface Secrets {
  readonly spans: readonly Span[];
  readonly end: number;
}

const NO_SECRETS: Secrets = { spans: [], end: 0 };
/** A word from a list whose words have kept their quotes. */
const KEPT_QUOTES = /^(\\+["'])(.*)\1$/s;
/** How far before a flag to look for its program. */
const NEAR = 300;
/** A longer value is masked whole without being examined, so that time stays proportional to the text. */
const LONGEST_READ = 4_096;

/** The secret parts of a name's value; none if the name does not refer to a secret. */
export function secretsOf(text: string, name: Named, extra: ReadonlySet<string>): Secrets {
  const spelled = text.slice(name.from, name.to);
  const before = text[name.from - 1] ?? '';
  const query = before === '?' || before === '&' || before === '#' || before === ';';
  const meaning = meaningOf(spelled, query, extra);
  if (meaning === undefined) return NO_SECRETS;
  if (namesSecretOnly(spelled, text.slice(Math.max(0, name.from - NEAR), name.from))) return NO_SECRETS;
  // Part of a path or a branch.
  if (before === '/' && text[name.to] === '=') return secretOfSegment(text, name.to + 1);
  const value = valueOf(text, name, spelled, meaning, before);
  if (value === undefined) return NO_SECRETS;
  const { from, to, rule, loose } = value;
  if (to - from > LONGEST_READ) return { spans: [{ from, to, rule }], end: to };
  const said = text.slice(from, to).trim().replace(KEPT_QUOTES, '$2');
  const word = meaning === 'header' ? said.replace(SCHEME, '') : said;
  const meant = rule === 'named-value' && text[name.to] === ':' ? beforeColon(spelled, meaning) : meaning;
  if (!isSecretValue(word, meant, loose)) return NO_SECRETS;
  const parts = withoutPlaces(text, from, to);
  const spans = parts.map(([begin, end]) => ({ from: begin, to: end, rule }));
  // If an address is kept, its content is examined separately.
  return { spans, end: parts.length === 1 && parts[0]?.[0] === from && parts[0][1] === to ? to : 0 };
}

const SEGMENT = /(?=[^/]*\d)(?=[^/]*[A-Za-z])[^\s/&;#?"'`|<>\\]{12,200}/y;

/**
 * After a slash it may be part of a path or a branch, as in `refs/heads/token=1`: mask only what does not look like a
 * word.
 */
function secretOfSegment(text: string, from: number): Secrets {
  const to = matchEnd(SEGMENT, text.slice(from, from + 256), 0) + from;
  return to < from || !isSecretValue(text.slice(from, to), 'vague', false)
    ? NO_SECRETS
    : { spans: [{ from, to, rule: 'assignment' }], end: to };
}

const BESIDE = /(?:\\*["'`]|[ \t]{0,3}(?:[=:>\]]|\?=|\|\|=)|[ \t]+\\)/y;

/** Whether a name in raw JSON may name a secret, wherever the value is: next to it, or in another member. */
export function mayName(text: string, name: Named, extra: ReadonlySet<string>): boolean {
  const before = text[name.from - 1] ?? '';
  const query = before === '?' || before === '&' || before === '#' || before === ';';
  return (
    meaningOf(text.slice(name.from, name.to), query, extra) !== undefined &&
    matchEnd(BESIDE, text, name.to) !== -1
  );
}

/** Nothing farther than this from the end of a key is read, and no name in a pair is this long. */
const LONGEST_KEY = 800;
const KEY_END = /"\s*:/y;
const NAMED_BEFORE = /"(?:name|key|header|variable)"\s*:\s*$/i;

/**
 * For each string of raw JSON that contains a name, checks whether the whole string names a secret: as a key, or next
 * to a `value`. Such a name may contain spaces, slashes, anything: `client secret`. Create one per raw text, and call
 * it in order from start to end.
 */
export function createKeyFinder(raw: string, extra: ReadonlySet<string>): (at: number) => boolean {
  let end = -1;
  return (at) => {
    if (at < end) return false;
    end = endOfQuoted(raw, at, '"');
    const near = raw.slice(Math.max(0, end - LONGEST_KEY), end);
    let begin = near.lastIndexOf('"') + 1;
    while (near[begin - 2] === '\\') begin = near.lastIndexOf('"', begin - 2) + 1;
    const isKey = matchEnd(KEY_END, raw, end) !== -1;
    const from = end - near.length + begin;
    if (!isKey && !NAMED_BEFORE.test(raw.slice(Math.max(0, from - 40), Math.max(0, from - 1)))) return false;
    const name = near.slice(begin);
    // An escape may be a letter, or end a word.
    return name.includes('\\') || meaningOf(name, false, extra) !== undefined;
  };
}

interface Value {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly loose: boolean;
}

function valueOf(
  text: string,
  { from, to }: Named,
  spelled: string,
  meaning: Meaning,
  before: string,
): Value | undefined {
  const assigned = matchEnd(ASSIGNED, text, to);
  if (assigned !== -1) {
    const sign = text.slice(to, assigned);
    const colon = sign.includes(':') && !sign.includes('=');
    const spaced = /[ \t]/.test(sign) && !/["'`]/.test(sign);
    // An image tag, a line of a source file, or the end of a prompt.
    if (colon && ((before === '/' && !spaced) || (FILE.test(spelled) && /\d/.test(text[assigned] ?? ''))))
      return undefined;
    if (
      colon &&
      /["'`]/.test(before) &&
      text[to] === ':' &&
      text.startsWith(quoteBefore(text, from), assigned)
    )
      return undefined;
    if (spaced && matchEnd(CALL, text, assigned) !== -1) return undefined;
    if (meaning === 'header' && colon) return headerValue(text, from, assigned);
    if (colon && /^\d+$/.test(spelled)) return undefined;
    const rule = colon ? 'named-value' : before === '?' || before === '&' ? 'query-value' : 'assignment';
    return wordOrQuoted(text, assigned, rule, spaced && !beginsLine(text, from));
  }
  if (spelled.startsWith('-')) {
    const next = matchEnd(NEXT_TEXT, text, to);
    if (next !== -1) {
      if (text[next] === '-') return undefined;
      const quote = quoteBefore(text, next);
      return { from: next, to: endOfQuoted(text, next, quote), rule: 'flag-value', loose: false };
    }
    const word = matchEnd(NEXT_WORD, text, to);
    if (word !== -1 && text[word] !== '-') return wordOrQuoted(text, word, 'flag-value', false);
  }
  if (SETTING.test(text.slice(Math.max(0, from - 120), from))) {
    const word = matchEnd(NEXT_WORD, text, to);
    if (word !== -1 && text[word] !== '-') return wordOrQuoted(text, word, 'named-value', true);
  }
  if (meaning === 'password' && matchEnd(QUOTED_WORD, text, to) !== -1)
    return wordOrQuoted(text, matchEnd(QUOTED_WORD, text, to), 'named-value', true);
  const pair = matchEnd(PAIR, text, to);
  if (pair !== -1)
    return {
      from: pair,
      to: endOfQuoted(text, pair, quoteBefore(text, pair)),
      rule: 'named-value',
      loose: false,
    };
  if (/["']/.test(before) && PAIR_NAME.test(text.slice(Math.max(0, from - 16), from))) {
    const near = Math.max(0, from - 400);
    const [begin, end] = PAIR_VALUE.exec(text.slice(near, from))?.indices?.[2] ?? [0, 0];
    if (end > 0) return { from: near + begin, to: near + end, rule: 'named-value', loose: false };
  }
  if (before === '=' && text.startsWith('::', to)) return wordOrQuoted(text, to + 2, 'assignment', false);
  const line = matchEnd(YAML_PAIR, text, to);
  if (line !== -1 && YAML_NAME.test(text.slice(Math.max(0, from - 12), from)))
    return wordOrQuoted(text, line, 'named-value', false);
  if (before === '<' && matchEnd(VALUE_OF_ELEMENT, text, to) !== -1)
    return wordOrQuoted(text, matchEnd(VALUE_OF_ELEMENT, text, to), 'named-value', false);
  if (before === '<' && matchEnd(ELEMENT, text, to) !== -1) {
    const end = text.indexOf('<', to);
    return end === -1 ? undefined : { from: to + 1, to: end, rule: 'named-value', loose: false };
  }
  return undefined;
}

/** What follows a sign: a quoted string with any content, or a word. */
function wordOrQuoted(text: string, at: number, rule: string, loose: boolean): Value | undefined {
  const quoted = matchEnd(OPENING, text, at);
  if (quoted !== -1)
    return { from: quoted, to: endOfQuoted(text, quoted, quoteBefore(text, quoted)), rule, loose: false };
  if (text.startsWith('{', at)) return undefined;
  if (LIST.test(text.slice(at, at + 8))) {
    const end = text.indexOf(']', at);
    return { from: at + 1, to: end === -1 ? text.length : end, rule, loose };
  }
  const end = matchEnd(UNQUOTED, text, at);
  if (end === -1) return undefined;
  const closed = text.slice(at, end).replace(/(?:[)}\],]|\\$)+$/, '');
  return { from: at, to: at + closed.length, rule, loose };
}

/** A header extends to the end of its line, or of the quotes around it. */
function headerValue(text: string, nameFrom: number, at: number): Value | undefined {
  const rule = 'header-value';
  const own = matchEnd(OPENING, text, at);
  if (own !== -1)
    return { from: own, to: endOfQuoted(text, own, quoteBefore(text, own)), rule, loose: false };
  if (text.startsWith('[', at) || text.startsWith('{', at)) return undefined;
  const enclosing = quoteBefore(text, nameFrom);
  if (enclosing !== '') return { from: at, to: endOfQuoted(text, at, enclosing), rule, loose: false };
  const whole = beginsLine(text, nameFrom) ? LINE : HEADER_VALUE;
  const end = matchEnd(whole, text, at);
  return end === -1 ? undefined : { from: at, to: end, rule, loose: false };
}

/** The quote that ends right before a place, including its backslashes; empty if there is none. */
function quoteBefore(text: string, at: number): string {
  const quote = text[at - 1] ?? '';
  if (!/["'`]/.test(quote)) return '';
  let from = at - 1;
  while (from > 0 && text[from - 1] === '\\') from -= 1;
  return text.slice(from, at);
}

function beginsLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 12), at);
  return /(?:^|[\r\n{,]|\\[nr])[ \t-]*$/.test(at <= 12 ? before : ` ${before}`);
}

/** The end of a sticky pattern's match at a place, or -1. */
export function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
