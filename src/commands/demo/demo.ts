import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../../account/ledger.ts';
import { type Route, routeOf } from '../../config/route.ts';
import { configSchema } from '../../config/schema.ts';
import type { Schema } from '../../contracts/schema.ts';
import type { Document } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import type { Severity } from '../../detections/severity.ts';
import { run } from '../../pipeline/run.ts';
import { SAMPLES_DIR } from '../../session/samples.ts';
import { transformFor } from '../../session/transform.ts';
import { fileOf } from '../../sinks/ndjson/place.ts';
import type { Screen } from '../../terminal/screen.ts';
import { paragraph } from '../../terminal/table.ts';
import { printable } from '../../text/printable.ts';
import { startDemoApi } from './api.ts';
import { exampleOf, sentenceOf } from './example.ts';
import { type DemoFolder, openDemoFolder } from './folder.ts';
import { nextCommands, type Pair, pairTable, severityTable, verdict } from './screen.ts';

export interface DemoOptions {
  readonly source: 'file' | 'api';
  readonly out: string;
  readonly schema: Schema;
  /** Undefined if a program reads the output: it gets the ledgers. */
  readonly screen: Screen | undefined;
  readonly print: (line: string) => void;
  /** For a run that no screen shows: because there is none, or because it failed. */
  readonly report: (ledger: Ledger) => void;
}

/**
 * The real pipeline, embedded: samples → documents in a folder. The screen shows one of them, all in a table, and what
 * to do next.
 */
export async function demo(options: DemoOptions): Promise<number> {
  const { source, out, schema, screen, print } = options;
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
    const code =
      source === 'file'
        ? await demoRun(routeFrom({ type: 'file', path: SAMPLES_DIR }), folder, options)
        : await demoPolls(routeFrom, folder, options);
    if (screen !== undefined && code === 0) print(`\n${nextCommands(screen, schema, SAMPLES_DIR)}`);
    return code;
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/**
 * Two polls of our own API: the second one finds that someone suppressed one of the detections, and sends only that.
 */
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
    if (options.screen !== undefined)
      options.print('\nMeanwhile one of them is suppressed. The next poll:\n');
    return await demoRun(routeFrom(source), folder, options);
  } finally {
    api.close();
  }
}

async function demoRun(route: Route, folder: DemoFolder, options: DemoOptions): Promise<number> {
  const { source, screen, out, schema, print, report } = options;
  const seen = new Map<Severity, Map<string, number>>();
  const example = source === 'file' && screen !== undefined ? transformFor(route) : undefined;
  let pairs: readonly Pair[] = [];
  let change: string | undefined;
  const observe = (detection: Detection, documents: readonly Document[]): void => {
    const { id, severity } = detection;
    folder.claim(fileOf(id));
    const kinds = seen.get(severity.word) ?? new Map<string, number>();
    seen.set(severity.word, kinds.set(id, (kinds.get(id) ?? 0) + 1));
    if (detection.change !== undefined) change = sentenceOf(documents, schema);
    if (example !== undefined && pairs.length === 0) pairs = exampleOf(detection, documents, schema, example);
  };
  return run({
    route,
    command: 'demo',
    name: 'demo',
    stateRequired: true,
    stages: { ...transformFor(route), observe },
    report: (ledger) => {
      if (screen === undefined || ledger.exit_code !== 0) {
        report(ledger);
        return;
      }
      const parts = [
        verdict(screen, ledger, out),
        ...(pairs.length === 0 ? [] : [pairTable(screen, schema, pairs)]),
        change === undefined ? severityTable(screen, seen) : paragraph(screen, printable(change)),
      ];
      print(parts.join('\n\n'));
    },
  });
}
