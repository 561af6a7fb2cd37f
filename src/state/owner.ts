import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';

/** The holder of a lease, in enough detail to tell on its own machine whether it is still running. */
export const ownerSchema = z.object({
  host: z.string(),
  pid: z.number().int(),
  /** This boot of this kernel, and the pid namespace in it (a container has its own). Empty without /proc. */
  boot: z.string(),
  /**
   * When the process started, in clock ticks since boot: a pid can be reused, but not together with this. Empty without
   * /proc.
   */
  started: z.string(),
});

export type Owner = z.output<typeof ownerSchema>;

export function thisOwner(): Owner {
  return { host: hostname(), pid: process.pid, boot: boot(), started: startOf(process.pid) };
}

/**
 * True only if the owner's process has certainly ended: it ran under this very kernel and pid namespace (without /proc:
 * on this host), and its pid is unused or belongs to a process with another start time.
 */
export function isGone(owner: Owner): boolean {
  if (owner.host !== hostname() || owner.boot !== boot()) return false;
  if (!alive(owner.pid)) return true;
  return owner.started !== '' && owner.started !== startOf(owner.pid);
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is running, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function boot(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${id} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** The 22nd field of proc(5) stat. The second, a program name in parentheses, may contain anything. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
