import { type Platform, programOf } from './platform.ts';

/** Programs that are started under other names: a shell as `sh`, BusyBox as anything. */
const CALLED_OTHERWISE: Readonly<Record<string, RegExp>> = {
  bash: /^-?r?(?:ba)?sh$/,
  dash: /^-?sh$/,
  zsh: /^-?sh$/,
  ksh: /^-?sh$/,
  busybox: /^-?[\w[-]+$/,
  toybox: /^-?[\w[-]+$/,
  coreutils: /^[\w[-]+$/,
  mawk: /^awk$/,
  gawk: /^awk$/,
  ncat: /^n(?:et)?c(?:at)?$/,
  'nc.openbsd': /^n(?:et)?c(?:at)?$/,
  'nc.traditional': /^n(?:et)?c(?:at)?$/,
};
/** Compilers are installed with the machine they compile for as a prefix. */
const MACHINE = /^\w+-linux-\w+-/;
/** How one name of a program may extend another: a version or a flavor, `.12`, `64`, `.openbsd`, `js`. */
const FLAVOR = /^(?:[\d.-].*|js)$/;
const VERSION = /^(?:[\d.-]+|js)$/;

/** Arguments with the program first, as ECS requires: the agent lists some with it and some without. */
export function withProgram(args: readonly string[], exe: string | undefined): readonly string[] {
  const [first] = args;
  if (exe === undefined || first === undefined) return args;
  return first === exe || exe.endsWith(`/${first}`) || isNameOf(first, exe) ? args : [exe, ...args];
}

/**
 * Whether the first argument is a name of the program: `python3` for `/usr/bin/python3.12`, `nc` for `nc.openbsd`.
 */
function isNameOf(first: string, exe: string): boolean {
  const name = programOf(first);
  const program = programOf(exe);
  if (name === program || name === `-${program}`) return true;
  const called = Object.hasOwn(CALLED_OTHERWISE, program) ? CALLED_OTHERWISE[program] : undefined;
  if (called !== undefined) return called.test(name);
  const plain = program.replace(MACHINE, '');
  if (name === '' || name === plain) return name !== '';
  // The name it was started under may be shorter than its own, but hardly longer: `python3-exploit.py` is a script
  // for `python3`.
  if (plain.startsWith(name)) return FLAVOR.test(plain.slice(name.length));
  return name.startsWith(plain) && VERSION.test(name.slice(plain.length));
}

/** Arguments as one line, quoted so that programs on the platform split it the same way. */
export function commandLine(args: readonly string[], platform: Platform | undefined): string {
  return args.map(platform === 'windows' ? quoteWindows : quotePosix).join(' ');
}

function quotePosix(arg: string): string {
  if (arg !== '' && /^[\w@%+=:,./-]+$/.test(arg)) return arg;
  return `'${arg.replaceAll("'", `'\\''`)}'`;
}

/**
 * A backslash is literal except before a quote, where it is doubled; the lookbehind avoids rescanning long runs of
 * backslashes.
 */
function quoteWindows(arg: string): string {
  if (arg !== '' && !/[\s"]/.test(arg)) return arg;
  return `"${arg.replace(/(?<!\\)\\+(?="|$)|"/g, (found) => (found === '"' ? '\\"' : found + found))}"`;
}
