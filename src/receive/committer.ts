import type { Content } from './content.ts';
import type { Spool } from './spool/spool.ts';

type Stored = Exclude<Content, { is: 'empty' }>;

export interface Committer {
  /** Resolves once the body is durable; rejects if that is uncertain. */
  commit(body: Buffer, content: Stored): Promise<void>;
}

export interface CommitterOptions {
  readonly spool: Spool;
  /** The maximum size of a group. */
  readonly groupBytes?: number;
  /** Called after each store. */
  readonly committed: (outcome: Commit) => void;
}

export interface Commit {
  readonly bodies: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Why it failed. */
  readonly error?: unknown;
}

interface Waiting {
  /** Undefined for a body that needs a file of its own. */
  readonly line: Buffer | undefined;
  readonly body: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const GROUP_BYTES = 16 * 2 ** 20;
const NEWLINE = Buffer.from('\n');

/**
 * Group commit: while the spool syncs one file, bodies that arrive meanwhile wait and share the next. A body never
 * waits for others to arrive, so a single request takes no longer than its own sync.
 */
export function createCommitter({ spool, groupBytes = GROUP_BYTES, committed }: CommitterOptions): Committer {
  let queue: Waiting[] = [];
  let running = 0;

  /** The oldest, and those after it that fit into the same file. */
  const nextGroup = (): Waiting[] => {
    let bytes = 0;
    let count = 0;
    for (const { line, body } of queue) {
      bytes += body.length;
      if (count > 0 && (line === undefined || bytes > groupBytes)) break;
      count += 1;
      if (line === undefined) break;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  };

  const store = async (group: readonly Waiting[]): Promise<void> => {
    const [first] = group;
    const kind = first?.line === undefined ? 'raw' : 'json';
    const content = Buffer.concat(group.flatMap(({ line, body }) => (line ? [line, NEWLINE] : [body])));
    const began = performance.now();
    const outcome = { bodies: group.length, bytes: content.length };
    try {
      await spool.store(content, kind);
      committed({ ...outcome, seconds: (performance.now() - began) / 1_000 });
      for (const { resolve } of group) resolve();
    } catch (error) {
      committed({ ...outcome, seconds: (performance.now() - began) / 1_000, error });
      for (const { reject } of group) reject(error);
    }
  };

  const pump = (): void => {
    while (running < spool.parallel && queue.length > 0) {
      running += 1;
      void store(nextGroup()).finally(() => {
        running -= 1;
        pump();
      });
    }
  };

  return {
    commit: (body, content) =>
      new Promise((resolve, reject) => {
        queue.push({ body, line: content.is === 'raw' ? undefined : content.line, resolve, reject });
        // Requests that were read in the same turn of the event loop share a group.
        setImmediate(pump);
      }),
  };
}
