import type { FarEnd } from './authority.ts';

/** Where netcat connects to, and whether it runs a program on the connection. */
export interface Connection {
  readonly farEnd: FarEnd;
  readonly runs: boolean;
}

/** `-e sh`, `-ne sh`, `-e/bin/sh`, `--sh-exec sh`: options after it belong to that program. */
const EXEC = /^(?:-[a-zA-Z]*[ec]|-[ec][^a-zA-Z].*|--(?:sh-|lua-)?exec(?:=.*)?)$/;
const LISTEN = /^(?:-[a-zA-Z]*l[a-zA-Z]*\d*|--listen)$/;
/** Checks whether a port is open and sends nothing: no shell is attached. */
const SCAN = /^-[a-zA-Z]*z[a-zA-Z]*$/;
const UDP = /^(?:-[a-zA-Z]*u[a-zA-Z]*|--udp)$/;

/** The host and numeric port of netcat and telnet, from the words after the program's name. */
export function readNetcat(words: readonly string[]): Connection | undefined {
  const at = words.findIndex((word, nth) => isHostWord(word) && /^\d{1,5}$/.test(words[nth + 1] ?? ''));
  const host = words[at];
  const port = words[at + 1];
  if (host === undefined || port === undefined) return undefined;
  const exec = words.findIndex((word) => EXEC.test(word));
  const own = exec > at ? words.slice(0, exec) : words;
  // With a listener, the port follows -p: it says nothing about the far end.
  if (own.some((word) => LISTEN.test(word))) return undefined;
  if (own.some((word) => SCAN.test(word) && !EXEC.test(word))) return undefined;
  const transport = own.some((word) => UDP.test(word)) ? 'udp' : undefined;
  return { farEnd: { host, port, transport }, runs: exec >= 0 };
}

function isHostWord(word: string): boolean {
  return !word.startsWith('-') && !word.includes('/') && !/^\d+$/.test(word);
}
