import { existsSync, readFileSync } from 'node:fs';

const STATUS = '/proc/self/status';

/**
 * Peak resident memory of this process. Linux keeps maxRSS across `exec`, so a child starts with its parent's value;
 * VmHWM covers this program alone.
 */
export function peakMiB() {
  if (!existsSync(STATUS)) return process.resourceUsage().maxRSS / 1_024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))[1]) / 1_024;
}
