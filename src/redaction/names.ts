/**
 * What the name of a variable, flag, header, query key or JSON member says about its value. Judged by its words, so
 * that `monkey`, `--cache-key` and `token_file` say nothing.
 *
 *   password the value is a secret whatever it looks like, even digits alone
 *   token a token, a key, a secret: not a small number
 *   header the rest of a header's line
 *   coded `otp`, `sig`, `pat`: its value is never a word of letters alone
 *   vague `auth`, `code`, `key` and the like: a secret only if the value looks like one
 */
export type Meaning = 'password' | 'token' | 'header' | 'coded' | 'vague';

/** `pat`, but not within `path`, which nearly every record contains. */
const PATS: readonly string[] = Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at))
  .filter((next) => !/[A-Zh]/.test(next))
  .map((next) => `pat${next}`);

/** Every meaningful name contains one of these, so the text is searched for them. */
export const NAME_PARTS: readonly string[] = [
  'token',
  'secret',
  'pass',
  'pwd',
  'key',
  'cred',
  'auth',
  'cookie',
  'signature',
  'code=',
  'pw',
  'otp',
  'sig',
  ...PATS,
  'jwt',
  'session=',
  'ticket=',
  'hmac=',
  'samlresponse',
  'sonar.login',
  'jfrog-art-api',
  'honeycomb-team',
  'reporter_id',
  'assertion',
  'verifier',
  'bearer',
  'sessionid',
];

const PASSWORD = set(
  'password passwords passwd passphrase passphrases passcode pass passwort pwd pw passin passout',
);
const TOKEN = set(
  'token tokens secret secrets credential credentials creds cred jwt signature bearer assertion verifier apikey apikeys accesskey secretkey privatekey authkey signingkey accountkey masterkey sharedkey encryptionkey licensekey sshkey deploykey sessionid',
);
const CODED = set('otp pat sig');
const HEADER = set('authorization cookie cookies');
const VAGUE = set('auth oauth basicauth');
/** Two words written as one: `dbpassword`, `accesstoken`. */
const PASSWORD_END = /(?:password|passwd|passphrase)$/;
const TOKEN_END = /(?:token|secret|credentials?|apikey|accesskey|secretkey|privatekey)$/;
const PASS_END =
  /^(?:db|user|auth|my|ftp|smtp|mail|ssh|require|sql|mysql|pg|root|admin|key|store|redis|ssl|ldap|proxy|http|keystore|truststore)pass$/;

/** Words that make a following `key` harmless. */
const HARMLESS_KEY = set(
  `cache sort public pub primary foreign partition range hash index object bucket group order unique composite natural
  routing dedup deduplication idempotency lock map item row column field hot arrow shift enter escape issue project config
  setting settings property label tag metric event message translation locale restore concurrency matrix artifact dict json
  registry schema sequence bind lookup search filter query host known server ca tls cert proxy websocket any each every no
  this that a the answer kms recv gpg pgp`,
);
/** Words before any of these that turn it into a question, a switch or a position in a list. */
const HARMLESS_BEFORE = set(
  `no not without skip disable disallow allow ask prompt hide show has have is are contains contain max min num total count
  used next page pagination continuation sync detect scan find list missing invalid require requires required forgot reset
  change enable public expose print mask unmask existing`,
);
/** Words after them that make it something about the secret. */
const HARMLESS_AFTER = set(
  `file files filename path paths dir directory folder id ids name names url uri urls endpoint host type types kind length len
  size expiry expires expiration expired ttl version versions count policy policies status state alias ring store pair board
  code codes field fields format mode method methods label prefix suffix arn ref refs manager provider helper action actions
  usage audience issuer scope scopes required enabled exists detected rotation rotated age max min limit limits budget checker
  scanner scanning validation valid hint prompt user users username owner created updated at date time timeout algorithm alg
  header headers only free less stdin env var source sources handler hash digest fingerprint window bucket by map index service server controller operator broker`,
);
/** Only as keys of a query. */
const QUERY = new Map<string, Meaning>([
  ['code', 'vague'],
  ['key', 'vague'],
  ['auth', 'token'],
  ['session', 'vague'],
  ['ticket', 'vague'],
  ['hmac', 'vague'],
]);
/** A gcloud command up to the flag: its `--secret` takes the name of a secret, unlike that of any other program. */
const GCLOUD = /(?<![\w.-])gcloud(?:\.py)?["'\s\\,][^;|&\n`]{0,300}$/;
const NAMING = /^-*(?:set|update|remove|clear)-secrets$/;
/** What contains a secret by convention, although no word of its name says so. */
const CONVENTIONS = new Map<string, Meaning>([
  ['samlresponse', 'token'],
  ['sonar.login', 'token'],
  ['x-jfrog-art-api', 'token'],
  ['x-honeycomb-team', 'token'],
  ['cc_test_reporter_id', 'token'],
]);

/** Names are few and recur. */
const KNOWN = new Map<string, Meaning | undefined>();
const MOST_KNOWN = 4_096;
const LONGEST = 128;

/** `extra`: the operator's own names, in lower case. */
export function meaningOf(name: string, query: boolean, extra: ReadonlySet<string>): Meaning | undefined {
  if (extra.size > 0 && extra.has(bare(name))) return 'password';
  const special = query ? QUERY.get(name.toLowerCase()) : undefined;
  if (special !== undefined) return special;
  if (name.length > LONGEST) return meaningOfWords(wordsOf(name.slice(-LONGEST)));
  const known = KNOWN.get(name);
  if (known !== undefined || KNOWN.has(name)) return known;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  const meaning = NAMING.test(name)
    ? undefined
    : (CONVENTIONS.get(bare(name).replace(/^d(?=sonar)/, '')) ?? meaningOfWords(wordsOf(name)));
  KNOWN.set(name, meaning);
  return meaning;
}

/** What a name means before a colon: `pw:` may just as well begin a note about a password and continue with words. */
export function beforeColon(name: string, meaning: Meaning): Meaning {
  return name.toLowerCase() === 'pw' ? 'coded' : meaning;
}

/** Whether a flag is gcloud's `--secret`, which takes only the name of a secret; judged by the words before it. */
export function namesSecretOnly(flag: string, before: string): boolean {
  return flag === '--secret' && GCLOUD.test(before);
}

/** A name without the leading dashes of a flag, for comparison with the operator's names. */
export function bare(name: string): string {
  return name.replace(/^-+/, '').toLowerCase();
}

function wordsOf(name: string): string[] {
  return name
    .replace(/^-D/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9\u00c0-\u024f]+/)
    .filter((word) => word !== '');
}

function meaningOfWords(words: readonly string[]): Meaning | undefined {
  for (let at = words.length - 1; at >= 0; at -= 1) {
    const meaning = meaningAt(words, at);
    if (meaning === undefined) continue;
    if (words.slice(at + 1).some((word) => HARMLESS_AFTER.has(word))) return undefined;
    if (words.slice(0, at).some((word) => HARMLESS_BEFORE.has(word))) return undefined;
    return meaning;
  }
  return undefined;
}

function meaningAt(words: readonly string[], at: number): Meaning | undefined {
  const word = (words[at] ?? '').replace(/\d+$/, '');
  if (PASSWORD.has(word) || PASSWORD_END.test(word) || PASS_END.test(word)) return 'password';
  if (TOKEN.has(word) || TOKEN_END.test(word)) return 'token';
  if (CODED.has(word)) return 'coded';
  if (HEADER.has(word)) return 'header';
  if (VAGUE.has(word)) return 'vague';
  if (word !== 'key' && word !== 'keys') return undefined;
  const before = words[at - 1];
  return before === undefined || HARMLESS_KEY.has(before) || HARMLESS_KEY.has(words[0] ?? '')
    ? undefined
    : 'token';
}

function set(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}
