import { isContainerClient, readContainer } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProcessEvent } from './process.ts';
import { reverseShellEndpoint } from './reverse-shell.ts';

/** Of several processes the one that did what was found, and what it shows. */
export interface Acting {
  readonly event: ProcessEvent;
  /** Of a reverse shell, where its arguments tell. */
  readonly farEnd: Endpoint | undefined;
  /** The memory it read, where its arguments name it and the agent does not. */
  readonly memory: string | undefined;
}

/** Kinds that are, or may be, of a process that read the memory of another. */
const READERS = new Set([
  'Runner-Worker-Memory-Read',
  'Suspicious-Process-Call',
  'Suspicious-Process-Events',
]);
/** The memory of a process, in Linux's file system of processes. */
const MEMORY = /\/proc\/\d{1,10}\/(?:task\/\d{1,10}\/)?mem(?![\w.-])/;

/** The vendor puts reverse shells, memory reads and privileged containers under one id, too. */
const SHELLS = new Set(['Reverse-Shell', 'Suspicious-Process-Call', 'Suspicious-Process-Events']);

/**
 * Not always the first: the agent lists who started it, too (`bash` before the reader, `sudo` before `docker`). By the far
 * end of a shell, the file that was touched, the memory that its arguments name, the container that was asked for; else the
 * first.
 */
export function actingOf(events: readonly ProcessEvent[] | undefined, id: string): Acting | undefined {
  const [first] = events ?? [];
  if (events === undefined || first === undefined) return undefined;
  if (SHELLS.has(id)) {
    for (const event of events) {
      const farEnd = reverseShellEndpoint(event);
      if (farEnd !== undefined) return { event, farEnd, memory: undefined };
    }
  }
  const touching = events.find(({ target }) => target?.file !== undefined || target?.pid !== undefined);
  // A shell and sudo have the arguments of what they start: the last that has them is who read.
  const reading = touching === undefined && READERS.has(id) ? events.findLast(namesMemory) : undefined;
  if (reading !== undefined) return { event: reading, farEnd: undefined, memory: memoryOf(reading) };
  const event =
    touching ??
    events.find((one) => isContainerClient(one) && readContainer(one)?.image_name !== undefined) ??
    events.find((one) => readContainer(one) !== undefined) ??
    first;
  return { event, farEnd: undefined, memory: undefined };
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
