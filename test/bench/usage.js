/**
 * Loaded into a measured program (`node --import`): writes the resource usage of the whole process to the file in
 * BENCH_USAGE.
 */
import { writeFileSync } from 'node:fs';
import { peakMiB } from './peak.js';

const file = process.env.BENCH_USAGE;
if (file !== undefined) {
  const started = performance.now();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    const wall = (performance.now() - started) / 1_000;
    writeFileSync(file, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, wall, peakMiB: peakMiB() }));
  });
}
