import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A control group with a memory limit, like a container's. */
export interface MemoryGroup {
  /** A process that writes its id there joins the group. */
  readonly members: string;
  readonly remove: () => void;
}

/** Versions 1 and 2 of Linux's control groups: where they are, and the name of their limit. */
const KINDS = [
  ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
  ['/sys/fs/cgroup', 'memory.max'],
] as const;

/** Undefined if this user may not create one. */
export function makeMemoryGroup(bytes: number): MemoryGroup | undefined {
  for (const [root, limit] of KINDS) {
    const folder = join(root, `hostile-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    const remove = (): void => rmdirSync(folder);
    try {
      writeFileSync(join(folder, limit), String(bytes));
      return { members: join(folder, 'cgroup.procs'), remove };
    } catch {
      remove();
    }
  }
  return undefined;
}
