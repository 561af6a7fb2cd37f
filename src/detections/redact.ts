import type { Json, JsonObject } from '../types.ts';

/** What stands in the place of a secret. */
const MASK = '[REDACTED]';

/** Query keys and flags whose value is a secret by its name: `access_token=`, `X-Amz-Signature=`, `--password=`. */
const NAMED = '[\\w.-]*(?:token|key|secret|passw(?:or)?d|pwd|sig|signature|credential)';

/** Each pattern and what it leaves: a prefix that tells the kind of secret stays, so that an analyst knows what to rotate. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, MASK],
  [/\b(gh[pousr]_)[A-Za-z0-9]{16,}/g, `$1${MASK}`],
  [/\b(github_pat_)\w{16,}/g, `$1${MASK}`],
  [/\b(gl(?:pat|dt|ptt|ft|soat|rt|cbt|imt|ffct|agent|oas)-)[\w.-]{16,}/g, `$1${MASK}`],
  [/\b((?:AKIA|ASIA|AROA|AIDA))[A-Z0-9]{12,}/g, `$1${MASK}`],
  [/\b(xox[a-z]-|xapp-)[A-Za-z0-9-]{8,}/g, `$1${MASK}`],
  [/(hooks\.slack\.com\/(?:services|workflows)\/)[\w/]+/g, `$1${MASK}`],
  [/\b(npm_)[A-Za-z0-9]{16,}/g, `$1${MASK}`],
  [/\beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?/g, MASK],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'@]+(?::[^\s/?#"']*)?@/gi, `$1${MASK}@`],
  [
    new RegExp(`((?:[?&;#]|(?:^|[\\s"'])-{0,2})${NAMED}=)(?:"[^"]*"|'[^']*'|[^\\s&;#"']+)`, 'gi'),
    `$1${MASK}`,
  ],
  [/\b(authorization:\s*(?:\w+\s+)?)[^\s"']{6,}/gi, `$1${MASK}`],
];

/** One pass that no secret of the patterns above gets by; almost every record ends here. Case matters where it may. */
const SUSPECT =
  /gh[pousr]_|github_pat_|gl[a-z]{2,5}-|A(?:KIA|SIA|ROA|IDA)[A-Z0-9]|xox[a-z]-|xapp-|hooks\.slack|npm_|eyJ|-----BEGIN|:\/\/[^\s/"]*@|(?:[Tt][Oo][Kk][Ee][Nn]|[Kk][Ee][Yy]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Aa][Ss][Ss][Ww](?:[Oo][Rr])?[Dd]|[Pp][Ww][Dd]|[Ss][Ii][Gg]|[Ss][Ii][Gg][Nn][Aa][Tt][Uu][Rr][Ee]|[Cc][Rr][Ee][Dd][Ee][Nn][Tt][Ii][Aa][Ll])=|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]:/;

/** Flags that name a secret and take it as the next argument: `--token`, `--api-key`, `-password`. */
const SECRET_FLAG = new RegExp(`^--?${NAMED}$`, 'i');

/**
 * Whether raw JSON text may hold a secret. May be wrong only in saying yes: an escape (`\\u0067hp_…`) could hide a token
 * from the patterns, so any of those counts, and so does a flag whose value is the next argument.
 */
export function mayHoldSecret(raw: string): boolean {
  return (
    SUSPECT.test(raw) ||
    raw.includes('"secret"') ||
    raw.includes('\\u') ||
    raw.includes('\\/') ||
    /"--?[\w-]*(?:token|key|secret|passw|pwd|cred)/i.test(raw)
  );
}

/** Text without secrets. */
export function redactText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  let clean = text;
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** A copy without secrets, keys included, and without the vendor's `secret` members. In a list of arguments the value behind a secret's flag goes too. */
export function redact(value: Json): Json {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return redactList(value);
  if (typeof value !== 'object' || value === null) return value;
  return redactObject(value);
}

export function redactObject(object: JsonObject): JsonObject {
  const clean: JsonObject = {};
  for (const [key, member] of Object.entries(object)) {
    // The vendor masks its `secret`, but the first and last characters of it are real.
    if (key === 'secret' && typeof member === 'string') continue;
    clean[redactText(key)] = redact(member);
  }
  return clean;
}

function redactList(values: readonly Json[]): Json[] {
  let flagged = false;
  return values.map((value) => {
    const masked = flagged && typeof value === 'string' && !value.startsWith('-');
    flagged = typeof value === 'string' && SECRET_FLAG.test(value);
    return masked ? MASK : redact(value);
  });
}

/**
 * The text of a record that never became a detection, fit for a dead letter: escapes of plain characters undone first,
 * so that they hide nothing, and the vendor's masked `secret` (its first and last characters are real) taken out.
 */
export function redactRaw(raw: string): string {
  const plain = raw.replace(/\\u00([2-7][0-9a-f])/gi, (whole, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return character === '"' || character === '\\' ? whole : character;
  });
  return redactText(plain.replaceAll('\\/', '/')).replace(
    /("secret"\s*:\s*")(?:[^"\\]|\\.)*("?)/g,
    `$1${MASK}$2`,
  );
}
