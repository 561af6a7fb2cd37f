import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ndjson } from './generate.js';
import { CLI, median, report, runMeasured, scratch } from './measure.js';

/** One file of NDJSON → the null server, gzipped, by the real program: start-up and all. */
export async function benchFolder(nullServer, count = 200_000, rounds = 3) {
  const folder = scratch();
  for (let part = 0; part < 4; part += 1) {
    writeFileSync(join(folder, `export-${part}.ndjson`), ndjson(2, (part * count) / 4, ((part + 1) * count) / 4));
  }
  const sinks = {
    'folder → null bulk server, gzip': ['--elasticsearch', nullServer],
    'folder → null HEC server, gzip': ['--splunk', nullServer, '--set', 'sink.token=none'],
  };
  for (const [name, sink] of Object.entries(sinks)) {
    const runs = [];
    for (let round = 0; round < rounds; round += 1) {
      const args = ['backfill', '--file', folder, '--state', scratch(), ...sink, '--set', 'log.level=warn'];
      const run = await runMeasured(CLI, args);
      const { delivered } = JSON.parse(run.last);
      if (delivered !== count) throw new Error(`${delivered} of ${count} were delivered`);
      runs.push(run);
    }
    report(name, {
      'detections per CPU second': count / median(runs.map(({ cpu }) => cpu)),
      'per second': count / median(runs.map(({ wall }) => wall)),
      'CPU seconds per million': (median(runs.map(({ cpu }) => cpu)) / count) * 1e6,
      'peak MiB': median(runs.map(({ peakMiB }) => peakMiB)),
    });
  }
}
