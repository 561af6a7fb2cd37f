import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { type Config, configSchema } from '../config/schema.ts';
import type { Detection } from '../detections/detection.ts';
import { explain } from '../mapping/explain.ts';
import type { Document, Schema } from '../types.ts';
import { run } from './run.ts';
import { SAMPLES_DIR } from './samples.ts';
import { admission, transformOf } from './stages.ts';

export interface DemoOptions {
  readonly out: string;
  readonly schema: Schema;
  readonly print: (line: string) => void;
}

interface Seen {
  readonly severities: ReadonlySet<string>;
  readonly detections: number;
}

/** The kind whose before and after is shown. */
const SHOWN = 'Reverse-Shell';

/** The real pipeline, embedded: samples → documents in a folder, one of them explained, a table of kinds, the ledger. */
export async function demo({ out, schema, print }: DemoOptions): Promise<number> {
  const state = await mkdtemp(join(tmpdir(), 'stepsecurity-siem-demo-'));
  await rm(out, { recursive: true, force: true });
  const config: Config = configSchema.parse({
    source: { type: 'file', path: SAMPLES_DIR },
    sink: { type: 'ndjson', path: `${out}/`, schema },
    state: { type: 'file', path: state },
    log: { level: 'warn' },
  });
  const kinds = new Map<string, Seen>();
  let shown: string | undefined;
  const observe = (detection: Detection, documents: readonly Document[]): void => {
    const { id, severity } = detection;
    const { severities = [], detections = 0 } = kinds.get(id) ?? {};
    kinds.set(id, { severities: new Set([...severities, severity.word]), detections: detections + 1 });
    if (id === SHOWN) shown ??= explain(detection, documents);
  };
  try {
    return await run({
      config,
      command: 'demo',
      name: 'demo',
      session: { stateRequired: true },
      stages: () => ({
        ...transformOf(config, { schema }),
        admit: admission(config.dead_letters.max_per_run),
        observe,
      }),
      opened: async () => ({
        finish: () => {
          print(`One detection, before and after:\n${shown ?? ''}`);
          print(`What was read, by kind:\n${tableOf(kinds)}\n`);
          print(`The documents are in ${out}/, one file per kind. The ledger of the run:`);
        },
      }),
      print,
    });
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

function tableOf(kinds: ReadonlyMap<string, Seen>): string {
  const table = new Table({
    head: ['kind', 'severity', 'detections'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right'],
  });
  for (const [kind, { severities, detections }] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    table.push([kind, [...severities].sort().join(', '), detections]);
  }
  return table.toString();
}
