import type { FarEnd } from './authority.ts';
import { programOf } from './platform.ts';

const NETCATS = new Set(['nc', 'ncat', 'netcat', 'nc.traditional', 'nc.openbsd', 'telnet']);

/** Where one command of a shell ends. */
const COMMANDS = /[;|&<>()`\n]+/;
/** Words, of which one in quotes is one. */
const WORDS = /"[^"]*"|'[^']*'|[^\s"']+/g;

/** Netcat with a host and a numeric port, called by itself, by another program (`sudo nc …`) or in a shell's script. */
export function fromNetcat(args: readonly string[] | undefined, script: string): FarEnd | undefined {
  const direct = args === undefined ? undefined : connectionOf(args);
  if (direct !== undefined || !/nc|netcat|telnet/i.test(script)) return direct;
  for (const command of script.split(COMMANDS)) {
    const words = command.match(WORDS)?.map((word) => word.replace(/^["']|["']$/g, '')) ?? [];
    const found = connectionOf(words);
    if (found !== undefined) return found;
  }
  return undefined;
}

function connectionOf(words: readonly string[]): FarEnd | undefined {
  const at = words.findIndex((word) => NETCATS.has(programOf(word)));
  if (at < 0) return undefined;
  const args = words.slice(at + 1);
  // A listener's port follows -p: it says nothing of the far end.
  if (args.some((arg) => /^-[a-z]*l|^--listen/.test(arg))) return undefined;
  for (const [index, host] of args.entries()) {
    const port = args[index + 1];
    if (!host.startsWith('-') && port !== undefined && /^\d{1,5}$/.test(port) && !/^\d+$/.test(host))
      return { host, port };
  }
  return undefined;
}
