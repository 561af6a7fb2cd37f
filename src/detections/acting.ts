import { isContainerClient, readContainer } from './container.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProcessEvent } from './process.ts';
import { reverseShellEndpoint } from './reverse-shell.ts';

/** Of several processes the one that did what was found, and what it shows. */
export interface Acting {
  readonly event: ProcessEvent;
  /** Of a reverse shell, where its arguments tell. */
  readonly farEnd: Endpoint | undefined;
}

/** The vendor puts reverse shells, memory reads and privileged containers under one id, too. */
const SHELLS = new Set(['Reverse-Shell', 'Suspicious-Process-Call', 'Suspicious-Process-Events']);

/**
 * Not always the first: the agent lists who started it, too (`bash` before the reader, `sudo` before `docker`). By the far
 * end of a shell, the file that was touched, the container that was asked for; else the first.
 */
export function actingOf(events: readonly ProcessEvent[] | undefined, id: string): Acting | undefined {
  const [first] = events ?? [];
  if (events === undefined || first === undefined) return undefined;
  if (SHELLS.has(id)) {
    for (const event of events) {
      const farEnd = reverseShellEndpoint(event);
      if (farEnd !== undefined) return { event, farEnd };
    }
  }
  if (events.length === 1) return { event: first, farEnd: undefined };
  const event =
    events.find(({ target }) => target?.file !== undefined || target?.pid !== undefined) ??
    events.find((one) => isContainerClient(one) && readContainer(one)?.image_name !== undefined) ??
    events.find((one) => readContainer(one) !== undefined) ??
    first;
  return { event, farEnd: undefined };
}
