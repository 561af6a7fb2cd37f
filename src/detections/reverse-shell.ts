import type { FarEnd } from './authority.ts';
import { deviceOf, placesOf } from './connecting.ts';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { readNetcat } from './netcat.ts';
import type { ProcessEvent } from './process.ts';
import { type Command, commandsOf } from './shell-commands.ts';
import { isInteractive, type Program, programIn, scriptOf } from './shell-programs.ts';
import { assign, expand, valueOf } from './shell-variables.ts';
import { cutText, LONGEST_TEXT } from './short-texts.ts';
import { farEndsOf } from './spawning.ts';

/** A far end that the arguments of a process name. */
export interface Connected {
  readonly endpoint: Endpoint;
  /** Whether a shell is attached to it. */
  readonly shell: boolean;
  /** The higher, the more likely to be the far end of the attack. */
  readonly weight: number;
}

/** How certain it is that a shell is attached: not at all, in words that something else may run, in a command. */
const SEEN = 0;
const LIKELY = 1;
const ATTACHED = 2;
type Rank = typeof SEEN | typeof LIKELY | typeof ATTACHED;

interface Search {
  /** Assigned by the script so far; only short values. */
  readonly variables: Map<string, string>;
  /** Opened by `exec 5<>/dev/tcp/h/1`, and by zsh's `ztcp`. */
  readonly files: Map<string, FarEnd>;
  readonly found: { readonly endpoint: Endpoint; readonly rank: Rank }[];
}

const DEEPEST = 4;
/** PowerShell takes a script as base64 of UTF-16, after any abbreviation of `-EncodedCommand`. */
const ENCODED = /[-/]e(?:c|n[a-z]{0,13})?\s+["']?([A-Za-z0-9+/]{16,}={0,2})/i;

/**
 * The far end of a reverse shell, derived from its arguments: netcat with a host and a numeric port, bash's
 * `/dev/tcp/<host>/<port>`, socat, or whatever Python, Perl, PHP, Ruby, Node and PowerShell scripts connect to. One
 * with a shell attached wins over all others, one on another machine over one on this machine, and the first of
 * equals over the rest. Undefined if the arguments do not name it plainly. Only the first `longest` characters of a
 * longer script are read.
 */
export function connectionOf(event: ProcessEvent | undefined, longest = LONGEST_TEXT): Connected | undefined {
  const line = event?.args?.join(' ') ?? event?.command_line;
  if (event === undefined || line === undefined) return undefined;
  const script = cutText(line, longest);
  const search: Search = { variables: new Map(), files: new Map(), found: [] };
  const listed =
    event.args !== undefined && !event.args.some((arg) => /^(?:[|;&]|\|\||&&|\d?[<>]&?)$/.test(arg));
  const commands = listed
    ? [{ words: (event.args ?? []).map((arg) => cutText(arg, longest)), redirects: [], pipeline: 0 }]
    : commandsOf(script);
  searchIn(commands, search, ATTACHED, 0);
  // Not commands of a shell, e.g. PowerShell, or with an unbalanced quote.
  if (search.found.length === 0) for (const { farEnd } of placesOf(script)) add(search, farEnd, SEEN);
  let best = search.found[0];
  for (const one of search.found) if (best === undefined || weight(one) > weight(best)) best = one;
  return best && { endpoint: best.endpoint, shell: best.rank === ATTACHED, weight: weight(best) };
}

/** An address of this machine is at best the near end of a tunnel. */
function weight({ endpoint: { address = '' }, rank }: Search['found'][number]): number {
  return 2 * rank + (/^(?:127\.|0\.0\.0\.0$|::1?$|localhost$)/.test(address) ? 0 : 1);
}

function searchIn(commands: readonly Command[], search: Search, most: Rank, depth: number): void {
  const pipes = new Map<number, boolean>();
  const read = commands.map((command) => {
    const words = expand(command.words, search.variables);
    const redirects = command.redirects.map((one) => ({
      ...one,
      target: valueOf(one.target, search.variables),
    }));
    const expanded = { ...command, words, redirects };
    for (const word of command.words) assign(word, search.variables);
    const program = programIn(expanded);
    if (isInteractive(program)) pipes.set(command.pipeline, true);
    return { command: expanded, program };
  });
  for (const { command, program } of read) {
    const shell = pipes.get(command.pipeline) === true;
    const rank = program.sure ? most : (Math.min(most, LIKELY) as Rank);
    searchProgram(program, { shell, rank, depth, search });
    searchRedirects(command, program, rank, search);
    if (depth >= DEEPEST) continue;
    // Texts among the words may be scripts: `su -c '…'`, `echo '…' | sh`, `bash <<< '…'`.
    const inner = shell || program.name === 'eval' ? rank : (Math.min(rank, LIKELY) as Rank);
    for (const text of textsOf(command, program)) searchIn(commandsOf(text), search, inner, depth + 1);
  }
}

/** Parts of a command that contain more than one word and are not already read as a script. */
function textsOf({ words, redirects }: Command, { kind }: Program): readonly string[] {
  const own = kind === 'shell' || kind === 'interpreter' ? [] : words;
  return [...own, ...redirects.map(({ target }) => target)].filter((text) => /\s/.test(text.trim()));
}

interface Around {
  /** Whether a shell is in the same pipeline. */
  readonly shell: boolean;
  readonly rank: Rank;
  readonly depth: number;
  readonly search: Search;
}

function searchProgram(program: Program, { shell, rank, depth, search }: Around): void {
  const { kind, name, args } = program;
  const line = args.join(' ');
  if (kind === 'interpreter') return searchCode(line, rank, depth, search);
  if (kind === 'shell') {
    const script = scriptOf(program);
    if (name === 'powershell' || name === 'pwsh') return searchPowerShell(line, rank, depth, search);
    if (script !== undefined && depth < DEEPEST) searchIn(commandsOf(script), search, rank, depth + 1);
    return;
  }
  if (kind !== 'connecting') return;
  if (name === 'socat') {
    const runs = /\b(?:exec|system|shell):/i.test(line);
    for (const { farEnd } of placesOf(`socat ${line}`)) add(search, farEnd, shell || runs ? rank : SEEN);
  } else if (name === 'openssl' || name === 'curl') {
    for (const { farEnd } of placesOf(` ${line}`)) add(search, farEnd, shell ? rank : SEEN);
  } else {
    const read = readNetcat(args);
    if (read === undefined) return;
    add(search, read.farEnd, shell || read.runs ? rank : SEEN);
    if (name === 'ztcp') search.files.set('$REPLY', read.farEnd);
  }
}

function searchPowerShell(line: string, rank: Rank, depth: number, search: Search): void {
  const encoded = ENCODED.exec(line)?.[1];
  searchCode(line, rank, depth, search);
  if (encoded !== undefined)
    searchCode(Buffer.from(encoded, 'base64').toString('utf16le'), rank, depth, search);
}

/** A script in another language: its own connections, and those of the shells it runs. */
function searchCode(code: string, rank: Rank, depth: number, search: Search): void {
  const { farEnds, spawns } = farEndsOf(code, search.variables);
  for (const farEnd of farEnds) add(search, farEnd, spawns ? rank : SEEN);
  if (depth >= DEEPEST) return;
  for (const [, double, single] of code.matchAll(/"([^"]*)"|'([^']*)'/g)) {
    const text = double ?? single ?? '';
    if (/\s/.test(text.trim())) searchIn(commandsOf(text), search, rank, depth + 1);
  }
}

function searchRedirects({ redirects, words }: Command, program: Program, rank: Rank, search: Search): void {
  const takesInput = redirects.some(({ fd, input }) => fd === '0' || (input && fd === ''));
  const only = words.length === 1 ? words[0] : undefined;
  const attached =
    isInteractive(program) ||
    (takesInput && ((program.kind === 'shell' && program.sure) || /^(?:exec|done|\})$/.test(only ?? '')));
  for (const { fd, target } of redirects) {
    const farEnd = deviceOf(target);
    const open = farEnd ?? search.files.get(target);
    if (open === undefined) continue;
    if (farEnd !== undefined && only === 'exec') search.files.set(fd, farEnd);
    if (farEnd !== undefined || attached) add(search, open, attached ? rank : SEEN);
  }
}

function add(search: Search, { host, port, transport }: FarEnd, rank: Rank): void {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const endpoint = parseEndpoint(`${bracketed}:${port}`, undefined, []);
  if (endpoint.address === undefined || endpoint.port === undefined) return;
  search.found.push({ endpoint: { ...endpoint, transport }, rank });
}
