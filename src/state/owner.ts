import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Who holds a lease, precisely enough to tell on its own machine whether it still lives. */
export const ownerSchema = z.object({
  host: z.string(),
  pid: z.number().int(),
  /** This boot of this kernel, and the pid namespace in it (a container has its own). Empty where there is no /proc. */
  boot: z.string(),
  /** Start of the process in clock ticks since boot: a pid is used again, this pair is not. Empty as above. */
  started: z.string(),
});

export type Owner = z.output<typeof ownerSchema>;

export function thisOwner(): Owner {
  return { host: hostname(), pid: process.pid, boot: boot(), started: startOf(process.pid) };
}

/**
 * True only when the owner's process has certainly ended: it ran under this very kernel and pid namespace (without
 * /proc: on this host), and its pid is free or belongs to a process that started at another time.
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
    // EPERM: it lives, under another user.
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

/** The 22nd field of proc(5) stat; the second, a program's name in brackets, may hold anything. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
