import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../src/contracts/types.ts';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { ledgerOf } from '../spawn-cli.ts';

/** One broken thing, as a configuration meets it. */
export interface Broken {
  /** Sections that replace those of a working configuration: a folder to read, a state, and a file to write. */
  readonly config?: Record<string, unknown>;
  readonly env?: NodeJS.ProcessEnv;
  readonly close?: () => Promise<void>;
}

/** Breaks one thing. `folder` is the folder of the configuration. */
export type Break = (folder: string) => Promise<Broken>;

/** What a command said about it. */
export interface Said {
  readonly code: number;
  /** The error that stopped the run and the log, or the findings. */
  readonly text: string;
  readonly seconds: number;
}

/** How long these tests wait for an outage to end; the default is ten minutes. */
export const PATIENCE_S = 0.4;

/** What `run` says about it, with or without a detection to deliver, or what `check` says. */
export async function saidOf(broken: Break, command: 'run' | 'check', fresh: boolean): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  mkdirSync(join(folder, 'in'));
  if (fresh) writeFileSync(join(folder, 'in', 'new.json'), JSON.stringify(payloadOf('Reverse-Shell')));
  const { config, env = {}, close } = await broken(folder);
  const path = join(folder, 'config.yaml');
  const tree = {
    source: { type: 'file', path: 'in' },
    state: { type: 'file', path: 'state' },
    sink: { type: 'ndjson', path: 'out.ndjson' },
    retry: { initial_delay: '20ms', max_delay: '50ms', max_elapsed: `${PATIENCE_S * 1_000}ms` },
    ...config,
  };
  // YAML accepts JSON.
  writeFileSync(path, JSON.stringify(tree));
  const began = performance.now();
  try {
    const done = await commandLine([command, '--config', path], { env, cwd: folder });
    const seconds = (performance.now() - began) / 1_000;
    const text = command === 'check' ? findingsOf(done.out) : `${ledgerOf(done).error ?? ''}\n${done.err}`;
    return { code: done.code ?? -1, text, seconds };
  } finally {
    await close?.();
  }
}

/** The problems as a terminal shows them: one line each, with the advice below. */
function findingsOf(out: string): string {
  const { findings } = JSON.parse(out) as { readonly findings: readonly Finding[] };
  return findings
    .filter(({ status }) => status !== 'ok')
    .map(({ check, detail, fix }) => `${check}: ${detail}\n${fix === undefined ? '' : `→ ${fix}\n`}`)
    .join('');
}
