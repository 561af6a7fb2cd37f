import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { type Route, routeOf } from '../../config/route.ts';
import { configSchema } from '../../config/schema.ts';
import type { Schema } from '../../contracts/schema.ts';
import type { Document } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { explain } from '../../mapping/explain.ts';
import { run } from '../../pipeline/run.ts';
import { SAMPLES_DIR } from '../../session/samples.ts';
import { transformFor } from '../../session/transform.ts';
import { fileOf } from '../../sinks/ndjson/place.ts';
import { printableJson } from '../../text/printable.ts';
import { startDemoApi } from './api.ts';
import { type DemoFolder, openDemoFolder } from './folder.ts';

export interface DemoOptions {
  readonly source: 'file' | 'api';
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
export async function demo(options: DemoOptions): Promise<number> {
  const { source, out, schema } = options;
  const folder = await openDemoFolder(out);
  const state = await mkdtemp(join(tmpdir(), 'stepsecurity-siem-demo-'));
  const routeFrom = (from: object): Route =>
    routeOf(
      configSchema.parse({
        source: from,
        sink: { type: 'ndjson', path: `${out}/`, schema },
        state: { type: 'file', path: state },
        log: { level: 'warn' },
      }),
    );
  try {
    if (source === 'file')
      return await demoRun(routeFrom({ type: 'file', path: SAMPLES_DIR }), folder, options);
    return await demoPolls(routeFrom, folder, options);
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/** Two polls of an API of our own: the second finds that somebody suppressed one of the detections, and sends just that. */
async function demoPolls(
  routeFrom: (source: object) => Route,
  folder: DemoFolder,
  options: DemoOptions,
): Promise<number> {
  const api = await startDemoApi();
  const { url, owners } = api;
  const source = { type: 'api', url, api_key: 'demo', owners, max_requests_per_second: 1_000 };
  try {
    const code = await demoRun(routeFrom(source), folder, options);
    if (code !== 0) return code;
    api.suppressOne();
    options.print('\nOne of them is suppressed meanwhile. The next poll:\n');
    return await demoRun(routeFrom(source), folder, options);
  } finally {
    api.close();
  }
}

async function demoRun(route: Route, folder: DemoFolder, { out, print }: DemoOptions): Promise<number> {
  const kinds = new Map<string, Seen>();
  let shown: string | undefined;
  const observe = (detection: Detection, documents: readonly Document[]): void => {
    const { id, severity } = detection;
    folder.claim(fileOf(id));
    const { severities = [], detections = 0 } = kinds.get(id) ?? {};
    kinds.set(id, { severities: new Set([...severities, severity.word]), detections: detections + 1 });
    if (id === SHOWN || detection.change !== undefined) shown ??= explain(detection, documents);
  };
  return run({
    route,
    command: 'demo',
    name: 'demo',
    stateRequired: true,
    stages: { ...transformFor(route), observe },
    opened: async () => ({
      finish: () => {
        print(`One detection, before and after:\n${shown ?? ''}`);
        print(`What was read, by kind:\n${tableOf(kinds)}\n`);
        print(`The documents are in ${out}/, one file per kind. The ledger of the run:`);
      },
    }),
    report: (ledger) => print(printableJson(ledger)),
  });
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
