import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ledger, ledgerSchema } from '../src/account/ledger.ts';
import { QUICK_START } from './quick-start.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The built program. `started` gets the process, e.g. to send it a signal. */
export function cli(
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Node's own flags. */
    readonly flags?: readonly string[];
    readonly started?: (child: ChildProcess) => void;
  } = {},
): Promise<Finished> {
  return new Promise((done, fail) => {
    const env = { ...process.env, NODE_OPTIONS: '', ...options.env };
    const flags = options.flags ?? QUICK_START;
    const child = spawn(process.execPath, [...flags, CLI, ...args], { cwd: options.cwd, env });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', fail).on('close', (code) => done({ code, out, err }));
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    options.started?.(child);
  });
}

/** The last line on standard output, which must be a valid ledger. */
export function ledgerOf({ out, err }: Finished): Ledger {
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  try {
    return ledgerSchema.parse(JSON.parse(last));
  } catch (error) {
    throw new Error(`no ledger: ${last}\n${err}`, { cause: error });
  }
}
