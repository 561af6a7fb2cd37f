/** What stands in the place of a secret. */
export const MASK = '[REDACTED]';

/** Ends of names whose value is a secret. */
const SECRET_NAMES = 'token|key|secret|password|passwd|pwd|sig|signature|credential';

/** Query keys and flags with such a name: `access_token=`, `X-Amz-Signature=`, `--password=`. */
export const NAMED = `[\\w.-]*(?:${SECRET_NAMES})`;

/** To the closing quote or the end; behind backslashes where JSON lies inside a text. */
const QUOTED = `\\\\*"[^"]*"?|\\\\*'[^']*'?`;

/**
 * Each pattern and what it leaves: the beginning that tells the kind stays, so that an analyst knows what to rotate. All
 * are linear in the text, and none asks what stands before a token.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    MASK,
  ],
  [/(gh[pousr]_)[A-Za-z0-9]{16,}/g, `$1${MASK}`],
  [/(github_pat_)\w{16,}/g, `$1${MASK}`],
  [/(gl(?:pat|dt|ptt|ft|soat|rt|cbt|imt|ffct|agent|oas)-)[\w.-]{16,}/g, `$1${MASK}`],
  [/(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}/g, `$1${MASK}`],
  [/(xox[a-z]-|xapp-)[A-Za-z0-9-]{8,}/g, `$1${MASK}`],
  [/(hooks\.slack\.com\/(?:services|workflows)\/)[\w/]+/g, `$1${MASK}`],
  [/(npm_)[A-Za-z0-9]{16,}/g, `$1${MASK}`],
  // The look ahead keeps text without a dot from being read to its end at every `eyJ` in it.
  [/(?<![\w-])(?=[\w-]+\.[\w-]{4})([\w-]*?)eyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/g, `$1${MASK}`],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"']+@/gi, `$1${MASK}@`],
  [new RegExp(`((?<![\\w.-])${NAMED}=)(?:${QUOTED}|[^\\s&;#"']+)`, 'gi'), `$1${MASK}`],
  [
    new RegExp(`((?:^|[ \\t\\r\\n])--?${NAMED}[ \\t\\r\\n]+)(?:${QUOTED}|[^\\s"'-][^\\s"']*)`, 'gi'),
    `$1${MASK}`,
  ],
  [/\b(authorization:\s*(?:\w+\s+)?)[^\s"']{6,}/gi, `$1${MASK}`],
];

/**
 * Beginnings that only tokens have; case matters in all of them. `eyJ` and `-----BEGIN` are looked for by a letter that is
 * rare: a pattern that begins with an e or a hyphen stops at every other character.
 */
const BEGINNINGS =
  'gh[pousr]_|github_pat_|gl[a-z]{2,5}-|A(?:KIA|SIA|ROA|IDA)[A-Z0-9]|xox[a-z]-|xapp-|hooks\\.slack|npm_';
const TOKEN = new RegExp(BEGINNINGS);
const USERINFO = /:\/\/[^\s/"]*@/;
const NAMED_VALUE = new RegExp(`(?:${SECRET_NAMES})=$`, 'i');
const LONGEST_NAME = 'credential='.length;
const FLAG_IN_TEXT = new RegExp(`(?:^|[ \\t\\r\\n])--?${NAMED}[ \\t\\r\\n]`, 'i');
const SECRET_FLAG = new RegExp(`^--?${NAMED}$`, 'i');
/** The vendor's `secret`, or a flag whose value comes next. */
const SECRET_IN_JSON = /"(?:secret"|--?[\w.-]*(?:token|key|secret|passw|pwd|sig|cred))/i;
/** The begin of any of both: nearly every record is read by this alone. */
const IN_JSON = new RegExp(`${BEGINNINGS}|"(?:secret"|-)`);

/** Whether an argument names a secret that the next argument holds: `--token`, `--api-key`, `-password`. */
export function isSecretFlag(argument: string): boolean {
  return SECRET_FLAG.test(argument);
}

/**
 * Whether text may hold a secret. No text that a pattern would change gets by; almost all text ends here, so each
 * question is asked in the cheapest way that cannot miss.
 */
function suspicious(text: string): boolean {
  return TOKEN.test(text) || suspiciousElse(text);
}

function suspiciousElse(text: string): boolean {
  return (
    (text.includes('J') && text.includes('eyJ')) ||
    text.includes('BEGIN') ||
    (text.includes('@') && USERINFO.test(text)) ||
    hasNamedValue(text) ||
    hasFlag(text) ||
    hasAuthorization(text)
  );
}

function hasNamedValue(text: string): boolean {
  for (let at = text.indexOf('='); at !== -1; at = text.indexOf('=', at + 1)) {
    if (NAMED_VALUE.test(text.slice(Math.max(0, at - LONGEST_NAME), at + 1))) return true;
  }
  return false;
}

function hasFlag(text: string): boolean {
  const mayHold =
    text.includes(' -') ||
    text.startsWith('-') ||
    text.includes('\n-') ||
    text.includes('\t-') ||
    text.includes('\r-');
  return mayHold && FLAG_IN_TEXT.test(text);
}

function hasAuthorization(text: string): boolean {
  const mayHold = text.includes('z') || text.includes('Z');
  return mayHold && /authorization:/i.test(text);
}

/**
 * The same of a record's raw JSON. May be wrong only in saying yes: an escape (`\u0067hp_…`) could hide a token from the
 * patterns, so any of those counts, and so do the vendor's `secret` and a flag whose value comes next.
 */
export function mayHoldSecret(raw: string): boolean {
  return (
    (IN_JSON.test(raw) && (TOKEN.test(raw) || SECRET_IN_JSON.test(raw))) ||
    suspiciousElse(raw) ||
    (raw.includes('\\') && /\\(?:[u/]|[nrt]-)/.test(raw))
  );
}

/** Text without secrets. */
export function redactText(text: string): string {
  if (!suspicious(text)) return text;
  let clean = text;
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}
