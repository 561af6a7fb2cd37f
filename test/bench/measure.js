import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
export const CLI = join(HERE, '../../dist/cli.js');

const SCRATCH = mkdtempSync(join(tmpdir(), 'siem-bench-'));
process.on('exit', () => rmSync(SCRATCH, { recursive: true, force: true }));

/** A new folder that is gone when the benchmark ends. */
export function scratch() {
  return mkdtempSync(join(SCRATCH, 'run-'));
}

/** Runs a script to its end: CPU seconds, wall seconds and peak MiB of the whole process, and its last line. */
export async function runMeasured(script, args, { heapMiB, env = {} } = {}) {
  const usage = join(scratch(), 'usage.json');
  const flags = heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`];
  const child = spawn(process.execPath, [...flags, '--import', join(HERE, 'usage.js'), script, ...args], {
    env: { ...process.env, ...env, NODE_OPTIONS: '', BENCH_USAGE: usage },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout.slice(-2_000)}`);
  return { ...JSON.parse(readFileSync(usage, 'utf8')), last: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

/**
 * Times two ways of doing the same, in turn and each first as often: what the machine does beside this hits both alike.
 * Each gives its own seconds. Median seconds of ours, and median share of theirs that ours reaches.
 */
export async function alternate(ours, theirs, rounds) {
  const seconds = [];
  const shares = [];
  for (let round = 0; round < rounds; round += 1) {
    const early = round % 2 === 0 ? undefined : await theirs();
    const own = await ours();
    shares.push((early ?? (await theirs())) / own);
    seconds.push(own);
  }
  return { seconds: median(seconds), share: median(shares) };
}

/** Seconds that something takes. */
export async function timed(run) {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1_000;
}

/** CPU seconds of this process that something takes. */
export function cpuSeconds(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

export function report(name, figures) {
  const text = Object.entries(figures).map(([key, value]) => `${key} ${format(value)}`);
  console.log(`${name.padEnd(44)} ${text.join(' · ')}`);
}

function format(value) {
  if (typeof value !== 'number') return value;
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3));
}
