import { writeFileSync } from 'node:fs';
import { peakMiB } from '../bench/peak.js';

/**
 * Loaded into the program before its own code: on exit it writes the peak resident memory and the CPU seconds to a
 * file.
 */
process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.PEAK_FILE, `${peakMiB()} ${(user + system) / 1e6}`);
});
