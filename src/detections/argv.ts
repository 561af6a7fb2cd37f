import { type Platform, programOf } from './platform.ts';

/** Programs that are called by the names of others: a shell as `sh`, BusyBox as anything. */
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
/** Compilers are installed under the machine they compile for. */
const MACHINE = /^\w+-linux-\w+-/;
/** What one name of a program has more than another: a version or a flavour, `.12`, `64`, `.openbsd`, `js`. */
const FLAVOUR = /^(?:[\d.-].*|js)$/;
const VERSION = /^(?:[\d.-]+|js)$/;

/** Arguments with the program first, as ECS wants them: the agent lists some with it and some without. */
export function withProgram(args: readonly string[], exe: string | undefined): readonly string[] {
  const [first] = args;
  if (exe === undefined || first === undefined) return args;
  return first === exe || exe.endsWith(`/${first}`) || isNameOf(first, exe) ? args : [exe, ...args];
}

/** Whether the first argument is what a program was called by: `python3` of `/usr/bin/python3.12`, `nc` of `nc.openbsd`. */
function isNameOf(first: string, exe: string): boolean {
  const name = programOf(first);
  const program = programOf(exe);
  if (name === program || name === `-${program}`) return true;
  const called = Object.hasOwn(CALLED_OTHERWISE, program) ? CALLED_OTHERWISE[program] : undefined;
  if (called !== undefined) return called.test(name);
  const plain = program.replace(MACHINE, '');
  if (name === '' || name === plain) return name !== '';
  // What a program is called by may be less than its name, but hardly more: `python3-exploit.py` is a script for `python3`.
  if (plain.startsWith(name)) return FLAVOUR.test(plain.slice(name.length));
  return name.startsWith(plain) && VERSION.test(name.slice(plain.length));
}

/** Arguments as one line, quoted as the platform's programs take them apart again. */
export function commandLine(args: readonly string[], platform: Platform | undefined): string {
  return args.map(platform === 'windows' ? quoteWindows : quotePosix).join(' ');
}

function quotePosix(arg: string): string {
  if (arg !== '' && /^[\w@%+=:,./-]+$/.test(arg)) return arg;
  return `'${arg.replaceAll("'", `'\\''`)}'`;
}

/** A backslash is itself, but before a quote it takes another; the look behind keeps long runs of them from being read twice. */
function quoteWindows(arg: string): string {
  if (arg !== '' && !/[\s"]/.test(arg)) return arg;
  return `"${arg.replace(/(?<!\\)\\+(?="|$)|"/g, (found) => (found === '"' ? '\\"' : found + found))}"`;
}
