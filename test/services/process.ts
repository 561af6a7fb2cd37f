import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { QUICK_START } from '../quick-start.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built program. After `killAfterMs`, or when `kill` is aborted, it gets `signal` (SIGKILL) if it is still
 * running.
 */
export async function runCli(
  args: readonly string[],
  options: {
    killAfterMs?: number;
    kill?: AbortSignal;
    signal?: NodeJS.Signals;
    env?: NodeJS.ProcessEnv;
    /** Node's own flags. */
    flags?: readonly string[];
  } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...(options.flags ?? QUICK_START), CLI, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  options.kill?.addEventListener('abort', () => child.kill(options.signal ?? 'SIGKILL'));
  if (options.killAfterMs === undefined) return ended;
  const timer = new AbortController();
  const killing = sleep(options.killAfterMs, undefined, { signal: timer.signal }).then(
    () => child.kill(options.signal ?? 'SIGKILL'),
    () => undefined,
  );
  const result = await ended;
  timer.abort();
  await killing;
  return result;
}

/** The last line of standard output: the ledger. */
export function ledgerOf({
  stdout,
}: Ended): Record<string, number> & { checkpoint?: { totals: Record<string, number> } } {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}
