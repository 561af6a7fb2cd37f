/** Loaded into a measured program (`node --import`): writes what the whole process used to the file BENCH_USAGE names. */
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
