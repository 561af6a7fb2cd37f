import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ndjson } from './generate.ts';
import { CLI, report, runMeasured, scratch } from './measure.ts';

/** One object of `mib` MiB, as lines and as one array, through the whole program. Only memory matters here. */
export async function benchLarge(nullServer: string, mib = 2_048): Promise<void> {
  const lines = ndjson(3, 0, 20_000);
  const array = lines.trimEnd().replaceAll('\n', ',');
  for (const [name, head, body, tail] of [
    ['NDJSON', '', lines, ''],
    ['a JSON array', '[', array, ']'],
  ] as const) {
    const folder = scratch();
    const file = openSync(join(folder, 'large'), 'w');
    writeSync(file, head);
    for (let size = 0; size < mib * 2 ** 20; size += body.length) {
      if (size > 0 && head !== '') writeSync(file, ',');
      writeSync(file, body);
    }
    writeSync(file, tail);
    closeSync(file);
    const args = [
      'backfill',
      '--file',
      folder,
      '--state',
      scratch(),
      '--elasticsearch',
      nullServer,
      '--set',
      'log.level=warn',
    ];
    const run = await runMeasured(CLI, args);
    report(`${mib} MiB of ${name}`, {
      'peak MiB': run.peakMiB,
      seconds: run.wall,
      detections: (JSON.parse(run.last) as { read: number }).read,
    });
  }
}
