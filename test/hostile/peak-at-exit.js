import { writeFileSync } from 'node:fs';
import { peakMiB } from '../bench/peak.js';

/** Loaded into the program before its own code: at its end it writes down its most resident memory and its CPU seconds. */
process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.PEAK_FILE, `${peakMiB()} ${(user + system) / 1e6}`);
});
