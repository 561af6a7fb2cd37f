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
};
const SHORTEST = 2;

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
  return (
    name.length >= SHORTEST && !first.startsWith('-') && (program.includes(name) || name.includes(program))
  );
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
