import { programOf } from './platform.ts';
import type { Command } from './shell-commands.ts';

const SHELL = /^-?(?:(?:r?ba|da|z|k|mk|a|fi|t?c)?sh|cmd|powershell|pwsh)$/;
const INTERPRETER = /^(?:python|perl|php|ruby|node|lua|deno|bun|tclsh|jjs|jshell|[mg]?awk)[\d.]*(?:js)?$/;
const CONNECTING = /^(?:nc(?:64|\.traditional|\.openbsd)?|ncat|netcat|telnet|socat|openssl|curl|ztcp)$/;
/** What precedes the program itself: assignments, and keywords of the shell. */
const BEFORE = /^(?:\w+\+?=.*|if|then|elif|else|while|until|do|!|\{|export|local|readonly|declare)$/s;
/** Programs that run the command that follows them. */
const WRAPPER =
  /^(?:sudo|doas|env|nohup|timeout|nice|ionice|time|setsid|stdbuf|exec|command|builtin|xargs|strace|ltrace|proxychains4?|torify|torsocks|busybox|toybox|unbuffer|chroot|unshare|nsenter|winpty|start|rlwrap)$/;

/** The program that a command runs. */
export interface Program {
  readonly kind: 'shell' | 'interpreter' | 'connecting' | 'other';
  readonly name: string;
  /** The words after its name. */
  readonly args: readonly string[];
  /** Whether the shell runs it directly or through a wrapper; otherwise it may be mere text: `echo nc h 1`. */
  readonly sure: boolean;
}

export function programIn({ words }: Command): Program {
  let first = words.findIndex((word) => !BEFORE.test(word));
  if (first < 0) first = words.length;
  const name = programOf(words[first] ?? '');
  const wrapped = WRAPPER.test(name);
  for (let at = first; at < words.length; at += 1) {
    const kind = kindOf(words[at] ?? '');
    if (kind === undefined) continue;
    return {
      kind,
      name: programOf(words[at] ?? ''),
      args: words.slice(at + 1),
      sure: at === first || wrapped,
    };
  }
  return { kind: 'other', name, args: words.slice(first + 1), sure: true };
}

function kindOf(word: string): Exclude<Program['kind'], 'other'> | undefined {
  // `$line` runs a command that was read.
  if (/^\$\{?\w+\}?$/.test(word)) return 'shell';
  const name = programOf(word);
  if (SHELL.test(name)) return 'shell';
  if (CONNECTING.test(name)) return 'connecting';
  return INTERPRETER.test(name) ? 'interpreter' : undefined;
}

/** A shell's script from its arguments, after `-c` or `/c`. */
export function scriptOf({ args }: Program): string | undefined {
  const at = args.findIndex((arg) => /^(?:-[a-z]*c|-command|\/[ck])$/i.test(arg));
  return at < 0 ? undefined : args.slice(at + 1).join(' ');
}

/** Whether a shell reads its commands from its input, not from a script or a file. */
export function isInteractive({ kind, sure, args }: Program): boolean {
  if (kind !== 'shell' || !sure) return false;
  if (args.some((arg) => /^-[a-z]*[is][a-z]*$/.test(arg))) return true;
  return args.every((arg) => arg.startsWith('-') && !/^-[a-z]*c$/.test(arg));
}
