import { isContainerClient, isPrivileged, readContainer } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProcessEvent } from './process.ts';
import { connectionOf } from './reverse-shell.ts';
import { LONGEST_TEXT } from './short-texts.ts';

/** The process, of several, that did what was found, and what its arguments show. */
export interface Acting {
  readonly event: ProcessEvent;
  /** The far end of a reverse shell, if the arguments name one. */
  readonly farEnd: Endpoint | undefined;
  /** Whether a shell is attached to it. */
  readonly shell: boolean;
  /** The memory it read, if its arguments name it and the agent does not. */
  readonly memory: string | undefined;
}

/** Kinds where a process read, or may have read, the memory of another. */
const READERS = new Set([
  'Runner-Worker-Memory-Read',
  'Suspicious-Process-Call',
  'Suspicious-Process-Events',
]);
/** The memory of a process, in Linux's `/proc`. */
const MEMORY = /\/proc\/\d{1,10}\/(?:task\/\d{1,10}\/)?mem(?![\w.-])/;

/** The vendor also reports reverse shells, memory reads and privileged containers under these two shared ids. */
const SHELLS = new Set(['Reverse-Shell', 'Suspicious-Process-Call', 'Suspicious-Process-Events']);

/**
 * Not always the first: the agent also lists the processes that started it (`bash` before the reader, `sudo` before
 * `docker`). Chosen by the far end of a shell, the file that was touched, the memory that its arguments name, or
 * the container that was requested, in this order; otherwise the first. `whole`: the same processes with their
 * arguments uncut.
 */
export function actingOf(
  events: readonly ProcessEvent[] | undefined,
  id: string,
  whole: readonly ProcessEvent[] | undefined = events,
): Acting | undefined {
  const [first] = events ?? [];
  if (events === undefined || first === undefined) return undefined;
  if (SHELLS.has(id)) {
    const connected = connectedOf(events, whole ?? events);
    if (connected !== undefined) return connected;
  }
  const touching =
    (READERS.has(id) ? memoryReadOf(events) : undefined) ??
    events.find(({ target }) => target?.file !== undefined || target?.pid !== undefined);
  // A shell and sudo have the arguments of the program they start, so the last process that has them is the reader.
  const reading = touching === undefined && READERS.has(id) ? events.findLast(namesMemory) : undefined;
  if (reading !== undefined) return { ...NONE, event: reading, memory: memoryOf(reading) };
  if (touching !== undefined) return { ...NONE, event: touching };
  const clients = events.filter(
    (one) => isContainerClient(one) && readContainer(one)?.image_name !== undefined,
  );
  const event =
    clients.find(isPrivileged) ??
    events.find((one) => isPrivileged(one) && readContainer(one) !== undefined) ??
    clients[0] ??
    events.find((one) => readContainer(one) !== undefined) ??
    first;
  return { ...NONE, event };
}

/** Prefers a read that was not prevented. */
function memoryReadOf(events: readonly ProcessEvent[]): ProcessEvent | undefined {
  const reads = events.filter(readsMemory);
  return reads.find((one) => one.enforced_protection !== true) ?? reads[0];
}

function readsMemory({ target }: ProcessEvent): boolean {
  return target?.file !== undefined && MEMORY.test(target.file);
}

/**
 * Whether the agent prevented what the processes were about to do. All processes it reports on must have been
 * prevented; if any of them read the memory of another process, only those count. A prevented access to one file
 * says nothing about another.
 */
export function isEnforced(events: readonly ProcessEvent[] | undefined): boolean {
  const stated = events?.filter((one) => one.enforced_protection !== undefined) ?? [];
  const reads = stated.filter(readsMemory);
  const meant = reads.length === 0 ? stated : reads;
  return meant.length > 0 && meant.every((one) => one.enforced_protection === true);
}

const NONE = { farEnd: undefined, shell: false, memory: undefined };

/**
 * Limit for all processes together: as much as Linux accepts as one argument. Padding in front of a far end cannot
 * hide it.
 */
const MOST_READ = 131_072;

/** The process whose uncut arguments name the most likely far end; the first of equals. */
function connectedOf(events: readonly ProcessEvent[], whole: readonly ProcessEvent[]): Acting | undefined {
  const longest = Math.max(LONGEST_TEXT, Math.floor(MOST_READ / events.length));
  let found: Acting | undefined;
  let most = -1;
  for (const [nth, event] of events.entries()) {
    const connected = connectionOf(whole[nth], longest);
    if (connected === undefined || connected.weight <= most) continue;
    most = connected.weight;
    found = { ...NONE, event, farEnd: connected.endpoint, shell: connected.shell };
  }
  return found;
}

function namesMemory(event: ProcessEvent): boolean {
  return memoryOf(event) !== undefined;
}

function memoryOf({ args, command_line: line }: ProcessEvent): string | undefined {
  for (const text of args ?? [line ?? '']) {
    const found = MEMORY.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
