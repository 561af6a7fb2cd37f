import type { Span } from './span.ts';
import { endOfQuoted } from './values.ts';

/**
 * Flags with meaningless names that hold a secret in certain programs: `mysql -pSECRET`, `curl -u user:SECRET`. In any
 * other program they may mean a port or a path.
 */
interface Flag {
  readonly programs: RegExp;
  readonly flag: RegExp;
  /** Its value is in the same word (`attached`), in the next one (`next`), or in either. */
  readonly value: 'attached' | 'next' | 'either';
  /** What separates the name from the secret, as in `user:password`: only what follows is masked. */
  readonly pair?: RegExp;
  /** There is another word between flag and value. */
  readonly skip?: true;
  /** A value without this is not a secret but the name of a file. */
  readonly holds?: string;
  /** Only if this word comes between program and flag. */
  readonly with?: RegExp;
}

const USER_END = /[:%]/;

const FLAGS: readonly Flag[] = [
  {
    programs: /^(?:curl|http|https|xh)$/,
    flag: /^(?:-u|--user|--proxy-user|-U)$/,
    value: 'either',
    pair: USER_END,
  },
  { programs: /^(?:http|https|xh)$/, flag: /^(?:-a)$/, value: 'either', pair: USER_END },
  { programs: /^(?:curl)$/, flag: /^-b$/, value: 'next', holds: '=' },
  { programs: /^openssl$/, flag: /^-k$/, value: 'next', with: /\benc\b/ },
  {
    programs: /^(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlsh|mariadb|mariadb-dump|mariadb-admin)$/,
    flag: /^-p$/,
    value: 'attached',
  },
  { programs: /^sshpass$/, flag: /^-p$/, value: 'either' },
  {
    programs: /^(?:docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|az|oc|cf|kubectl|argocd|rancher)$/,
    flag: /^-p$/,
    value: 'either',
    with: /\blogin\b/,
  },
  {
    programs: /^(?:twine|mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|beeline)$/,
    flag: /^-p$/,
    value: 'either',
  },
  { programs: /^redis-cli$/, flag: /^-a$/, value: 'either' },
  { programs: /^ldap(?:search|add|modify|delete|whoami|passwd)$/, flag: /^-w$/, value: 'either' },
  { programs: /^(?:7z|7za|7zr)$/, flag: /^-p$/, value: 'attached' },
  { programs: /^(?:zip|unzip|sqlcmd|bcp)$/, flag: /^-P$/, value: 'either' },
  { programs: /^(?:nuget|dotnet)$/, flag: /^-k$/, value: 'either', with: /\bpush\b/ },
  { programs: /^(?:doctl|flyctl|vercel|codecov|codecovcli|influx|anaconda)$/, flag: /^-t$/, value: 'either' },
  { programs: /^uv$/, flag: /^-t$/, value: 'either', with: /\bpublish\b/ },
  { programs: /^k6$/, flag: /^-t$/, value: 'either', with: /\blogin\b/ },
  { programs: /^kubectl$/, flag: /^--from-literal$/, value: 'next', pair: /=/, with: /\bsecret\b/ },
  { programs: /^pulumi$/, flag: /^--secret$/, value: 'next', skip: true, with: /\bconfig["',\\ ]{1,6}set\b/ },
  { programs: /^gh$/, flag: /^(?:-b|--body)$/, value: 'either', with: /\bsecret["',\\ ]{1,6}set\b/ },
  { programs: /^ssh-keygen$/, flag: /^-[NP]$/, value: 'either' },
  { programs: /^security$/, flag: /^-p$/, value: 'either', with: /\b(?:unlock|create)-keychain\b/ },
  { programs: /^security$/, flag: /^-P$/, value: 'either', with: /\b(?:im|ex)port\b/ },
  { programs: /^(?:rar|unrar)$/, flag: /^-p$/, value: 'attached' },
  { programs: /^(?:psexec|psexec64|PsExec|PsExec64)$/, flag: /^-p$/, value: 'either' },
  { programs: /^poetry$/, flag: /^-p$/, value: 'either', with: /\bpublish\b/ },
  { programs: /^conan$/, flag: /^-p$/, value: 'either', with: /\b(?:user|login)\b/ },
  { programs: /^curl$/, flag: /^(?:-E|--cert)$/, value: 'either', pair: /:/ },
  { programs: /^smbclient$/, flag: /^-U$/, value: 'either', pair: USER_END },
  { programs: /^op$/, flag: /^--session$/, value: 'next' },
  { programs: /^(?:rar|unrar)$/, flag: /^-hp$/, value: 'attached' },
  { programs: /^lftp$/, flag: /^-u$/, value: 'either', pair: /,/ },
  // Words of a command that are more specific than the program's name: `az keyvault secret set`, `aws ssm
  // put-parameter`.
  { programs: /^keyvault$/, flag: /^--value$/, value: 'next', with: /\bset\b/ },
  { programs: /^put-parameter$/, flag: /^--value$/, value: 'next' },
  { programs: /^(?:signtool|signtool\.exe)$/, flag: /^\/p$/, value: 'next' },
  { programs: /^(?:schtasks|schtasks\.exe)$/, flag: /^\/rp$/i, value: 'next' },
];

/** The beginning of each of these flags, after a space or a quote. */
export const PROGRAM_FLAGS: readonly string[] = [
  '-u',
  '-a',
  '-b',
  '-p',
  '-w',
  '-k',
  '-t',
  '-n',
  '-e',
  '--user',
  '--proxy-user',
  '--from-literal',
  '--secret',
  '--body',
  '--cert',
  '--session',
  '--value',
  '-hp',
]
  .flatMap((flag) => [` ${flag}`, `"${flag}`, `'${flag}`])
  // As a whole word: ` /p` begins a path in nearly every record.
  .concat(['/p', '/rp'].flatMap((flag) => [` ${flag} `, `"${flag}"`, `'${flag}'`]));

/** The end of curl's short flags combined into one, as in `-fsSLu user:SECRET`. */
export const BUNDLED_FLAGS: readonly string[] = ['f', 's', 'l', 'k', 'v', 'i', 'g'].flatMap((flag) => [
  `${flag}u `,
  `${flag}u"`,
  `${flag}u'`,
]);
const BUNDLE = /^-[fsSLkvigG]{1,8}u$/;

/** Where a bundle of flags with a letter at this place begins, or -1. */
export function beginOfBundle(text: string, at: number): number {
  let from = at;
  while (from > 0 && at - from < 8 && /[A-Za-z]/.test(text[from] ?? '')) from -= 1;
  return text[from] === '-' && /[\s"']/.test(text[from - 1] ?? '') ? from : -1;
}

/** Programs whose `-hp` means `-p` and also encrypts file names. */
const HEADERS_TOO = /^(?:un)?rar$/;
/** How far before a flag to look for its program. */
const REACH = 300;
const NAMES = FLAGS.map(({ programs }) => programs.source.slice(1, -1)).join('|');
const PROGRAM = new RegExp(`(?<![\\w.-])(?:${NAMES})(?=["'\\s\\\\,])`, 'g');
const NAMED = FLAGS.map(
  ({ programs }) => new RegExp(`(?<![\\w.-])(?:${programs.source.slice(1, -1)})(?=["'\\s\\\\,])`),
);
const PROGRAM_NAMES = new RegExp(`^(?:${NAMES})$`);
const NEXT = /(?:\\*["'])?[ \t]*,?[ \t]*(?:(\\*["']))?/y;
const WORD = /(?:[^\s"'`\\,;|&<>]|,(?=[^\s"'`\\]))+/y;
const IS_FLAG = /^(?:-|\/r?p$)/i;
const INNER = /^\\{0,3}["']/;
const PLAIN = /^(?:\d+|\$.*|\[REDACTED.*|-.*|\{\{.*|%\w+%|file:.*)?$/;

/**
 * Tells whether raw JSON names a program for which the flag at a place may hold a secret: most flags that look like one
 * of these belong to other programs. Create one per text, since it searches a text for each program only once.
 */
export function createFlagSuspicion(text: string): (at: number) => boolean {
  const named: boolean[] = [];
  return (at) => {
    const flag = flagAt(text, at);
    if (flag === '') return false;
    const meanings = [flag, flag.slice(0, 2), flag.slice(0, 3), ...(BUNDLE.test(flag) ? ['-u'] : [])];
    return FLAGS.some(
      (one, number) =>
        meanings.some((meant) => one.flag.test(meant)) &&
        (named[number] ??= NAMED[number]?.test(text) ?? false),
    );
  };
}

function flagAt(text: string, at: number): string {
  return /^(?:--?|\/)[A-Za-z][\w-]*/.exec(text.slice(at, at + 40))?.[0] ?? '';
}

/**
 * Finds the secrets after such flags, given the place of their dashes. Create one per text, and call it in order from
 * start to end.
 */
export function createProgramFinder(text: string): (at: number) => Span | undefined {
  /** The programs named in the text, searched for once. */
  let programs: { readonly at: number; readonly name: string }[] | undefined;
  let passed = 0;
  return (at) => {
    programs ??= [...text.matchAll(PROGRAM)].map(({ index, 0: name }) => ({ at: index, name }));
    while (passed < programs.length && (programs[passed]?.at ?? at) < at) passed += 1;
    const program = programs[passed - 1];
    if (program === undefined || at - program.at > REACH) return undefined;
    return secretOf(text, at, program);
  };
}

function secretOf(
  text: string,
  at: number,
  program: { readonly at: number; readonly name: string },
): Span | undefined {
  const between = text.slice(program.at, at);
  if (/[;|&\n`]/.test(between)) return undefined;
  const flag = flagAt(text, at);
  const bundled = program.name === 'curl' && BUNDLE.test(flag);
  const whole = bundled || !/^-[A-Za-z]/.test(flag);
  const short = whole
    ? flag
    : flag.slice(0, HEADERS_TOO.test(program.name) && flag.startsWith('-hp') ? 3 : 2);
  const meant = bundled ? '-u' : short;
  const rule = FLAGS.find(
    (one) => one.programs.test(program.name) && one.flag.test(meant) && one.with?.test(between) !== false,
  );
  return rule === undefined ? undefined : rangeOf(text, at, flag, short, rule);
}

/** A word of an argument list as the words after it need it: a program without its folders, and truncated if long. */
export function programWord(word: string): string {
  if (word.length >= 200) return '';
  return /^\/r?p$/i.test(word) ? word : word.slice(word.lastIndexOf('/') + 1);
}

/** The value of a flag in a list of arguments, in the flag's own word or the next. `before`: all earlier arguments. */
export function programArgument(before: readonly string[], value: string): string | undefined {
  const last = before.at(-1) ?? '';
  const skipped = before.at(-2) ?? '';
  const flag = [last, skipped].find((word) => IS_FLAG.test(word));
  if (!value.startsWith('-') && flag === undefined) return undefined;
  if (!before.some((word) => PROGRAM_NAMES.test(word))) return undefined;
  const text = [...before, value].map((word) => word.replaceAll(/[\s;|&`]/g, '_')).join(' ');
  const from = text.length - value.length;
  const own = createProgramFinder(text)(from);
  const at = from - last.length - 1 - (flag === last ? 0 : skipped.length + 1);
  const found = own ?? (flag === undefined ? undefined : createProgramFinder(text)(at));
  if (found === undefined || found.from < from) return undefined;
  return value.slice(0, found.from - from);
}

function rangeOf(text: string, at: number, flag: string, short: string, rule: Flag): Span | undefined {
  // A quote ends the flag if one began it; otherwise it begins the value, as in -p'…'.
  const open = /["']/.test(text[at - 1] ?? '') ? /[^\s"'\\,]/ : /[^\s\\,]/;
  const attached =
    !flag.startsWith('--') && (flag.length > short.length || open.test(text[at + short.length] ?? ' '));
  let from = at + short.length;
  if (attached && rule.value === 'next') return undefined;
  if (!attached) {
    if (rule.value === 'attached') return undefined;
    if (text[from] === '=') from += 1;
    else {
      NEXT.lastIndex = from;
      if (!NEXT.test(text) || NEXT.lastIndex === from) return undefined;
      from = NEXT.lastIndex;
    }
  }
  if (rule.skip) {
    WORD.lastIndex = from;
    NEXT.lastIndex = WORD.test(text) ? WORD.lastIndex : from;
    if (!NEXT.test(text) || NEXT.lastIndex === from) return undefined;
    from = NEXT.lastIndex;
  }
  const quote = /["']/.test(text[from] ?? '') ? text[from] : undefined;
  if (quote !== undefined) from += 1;
  WORD.lastIndex = from;
  if (!WORD.test(text)) return undefined;
  let to = WORD.lastIndex;
  if (quote !== undefined) to = text.indexOf(quote, from) === -1 ? to : text.indexOf(quote, from);
  if (rule.pair) {
    const colon = text.slice(from, to).search(rule.pair);
    if (colon === -1) return undefined;
    from += colon + 1;
    // The shell joins `user:'a secret'`.
    const inner = from === to && quote === undefined ? INNER.exec(text.slice(to, to + 4))?.[0] : undefined;
    if (inner !== undefined) {
      from += inner.length;
      to = endOfQuoted(text, from, inner);
    }
  }
  const value = text.slice(from, to);
  if (rule.holds !== undefined && !value.includes(rule.holds)) return undefined;
  return PLAIN.test(value) && !(attached && /^\d{4,}$/.test(value))
    ? undefined
    : { from, to, rule: 'program-flag' };
}
