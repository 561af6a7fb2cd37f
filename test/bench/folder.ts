import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ndjson } from './generate.ts';
import { CLI, type Measured, median, report, runMeasured, scratch } from './measure.ts';
import { evenly } from './shapes.ts';

const FILE = 50_000;

/**
 * From NDJSON files to the null server, gzipped, by the real program, start-up included. Start-up and V8's compiler
 * take about 1.5 CPU seconds, however many detections follow.
 */
export async function benchFolder(nullServer: string): Promise<void> {
  const exported = (from: number, to: number): string => ndjson(2, from, to);
  for (const count of [200_000, 1_000_000]) await fromFolder(nullServer, count, '', exported);
  await fromFolder(nullServer, 200_000, ' of 14 shapes evenly', evenly);
}

async function fromFolder(
  nullServer: string,
  count: number,
  what: string,
  textOf: (from: number, to: number) => string,
  rounds = 3,
): Promise<void> {
  const folder = scratch();
  for (let from = 0; from < count; from += FILE) {
    writeFileSync(join(folder, `export-${from}.ndjson`), textOf(from, from + FILE));
  }
  const sinks = {
    'folder → null bulk server, gzip': ['--elasticsearch', nullServer],
    'folder → null HEC server, gzip': ['--splunk', nullServer, '--set', 'sink.token=none'],
  };
  for (const [name, sink] of Object.entries(sinks)) {
    const runs: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const args = ['backfill', '--file', folder, '--state', scratch(), ...sink, '--set', 'log.level=warn'];
      const run = await runMeasured(CLI, args);
      const { delivered } = JSON.parse(run.last) as { delivered: number };
      if (delivered !== count) throw new Error(`${delivered} of ${count} were delivered`);
      runs.push(run);
    }
    report(`${name}, ${count.toLocaleString('en')}${what}`, {
      'detections per CPU second': count / median(runs.map(({ cpu }) => cpu)),
      'per second': count / median(runs.map(({ wall }) => wall)),
      'CPU seconds per million': (median(runs.map(({ cpu }) => cpu)) / count) * 1e6,
      'peak MiB': median(runs.map(({ peakMiB }) => peakMiB)),
    });
  }
}
