import { existsSync, readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';

/**
 * Most memory that this process had resident. What Linux tells as maxRSS outlives `exec`, so that a child begins with its
 * parent's; VmHWM is of the program alone.
 */
export function peakMiB() {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS / 1_024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))[1]) / 1_024;
}
