import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Relative to the compiled file in build/test/bench. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const CLI = join(ROOT, 'dist/cli.js');
const USAGE = join(ROOT, 'test/bench/usage.js');

const SCRATCH = mkdtempSync(join(tmpdir(), 'siem-bench-'));
process.on('exit', () => rmSync(SCRATCH, { recursive: true, force: true }));

/** A new folder, removed when the benchmark ends. */
export function scratch(): string {
  return mkdtempSync(join(SCRATCH, 'run-'));
}

/** One run of a script. */
export interface Measured {
  readonly cpu: number;
  readonly wall: number;
  readonly peakMiB: number;
  readonly last: string;
}

/**
 * Runs a script to its end and returns CPU seconds, wall seconds and peak MiB of the whole process, and its last line.
 */
export async function runMeasured(script: string, args: readonly string[]): Promise<Measured> {
  const usage = join(scratch(), 'usage.json');
  const child = spawn(process.execPath, ['--import', USAGE, script, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', BENCH_USAGE: usage },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout.slice(-2_000)}`);
  const figures = JSON.parse(readFileSync(usage, 'utf8')) as Omit<Measured, 'last'>;
  return { ...figures, last: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

/**
 * Times two ways of doing the same thing alternately, each first equally often, so that other load on the machine
 * affects both alike. Each returns its own seconds. The result is our median seconds, and the median share of their
 * speed that ours reaches.
 */
export async function alternate(
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  rounds: number,
): Promise<{ seconds: number; share: number }> {
  const seconds: number[] = [];
  const shares: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const early = round % 2 === 0 ? undefined : await theirs();
    const own = await ours();
    shares.push((early ?? (await theirs())) / own);
    seconds.push(own);
  }
  return { seconds: median(seconds), share: median(shares) };
}

/** The seconds something takes. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}

/** The CPU seconds of this process that something takes. */
export function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export function report(name: string, figures: Readonly<Record<string, number>>): void {
  const text = Object.entries(figures).map(([key, value]) => `${key} ${format(value)}`);
  console.log(`${name.padEnd(44)} ${text.join(' · ')}`);
}

function format(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
