import { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import type { Finished } from './spawn-cli.ts';

const log = await import('../src/session/log.ts');
// The log writes straight to the file descriptor, where a test cannot read it.
jest.unstable_mockModule('../src/session/log.ts', () => ({
  createLog: (level: string) => log.createLog(level, { write: (line) => void process.stderr.write(line) }),
}));
// Loading the mappings is most of the cost of a short command, and they never change.
const { loadMappings, ...load } = await import('../src/mapping/load.ts');
let packaged: ReturnType<typeof loadMappings> | undefined;
jest.unstable_mockModule('../src/mapping/load.ts', () => ({
  ...load,
  loadMappings: (overlay?: string) =>
    overlay === undefined ? (packaged ??= loadMappings()) : loadMappings(overlay),
}));
const { runCommandLine } = await import('../src/commands/index.ts');

let busy = false;

/**
 * Runs a command line, from its words to its exit code, without the cost of starting a program. It suits tests that do
 * not need their own process: no killing, nothing that Node itself reads, no second program running at the same time
 * (use `spawn-cli.ts` for those). `process.emit` stands in for a signal.
 */
export async function commandLine(
  args: readonly string[],
  {
    cwd = process.cwd(),
    env = {},
    input,
    columns,
  }: {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly input?: string;
    /** The columns of a terminal to write to; absent: a pipe. */
    readonly columns?: number;
  } = {},
): Promise<Finished> {
  if (busy) throw new Error('one command line at a time; see spawn-cli.ts');
  busy = true;
  const [envBefore, cwdBefore] = [process.env, process.cwd()];
  const unpipe = pretend(columns);
  const [out, err] = [capture(process.stdout), capture(process.stderr)];
  // yargs prints through it, and jest replaces it with its own.
  const print = jest
    .spyOn(console, 'log')
    .mockImplementation((line) => void process.stdout.write(`${line}\n`));
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') ?? {};
  if (input !== undefined)
    Object.defineProperty(process, 'stdin', {
      configurable: true,
      value: Readable.from([Buffer.from(input)]),
    });
  // jest gives its workers the colors of the terminal it runs in.
  const { FORCE_COLOR: _, ...plain } = envBefore;
  process.env = { ...plain, NO_COLOR: '1', ...env };
  process.chdir(cwd);
  try {
    await runCommandLine(args);
    return { code: Number(process.exitCode ?? 0), out: out.text(), err: err.text() };
  } finally {
    for (const { restore } of [out, err]) restore();
    print.mockRestore();
    unpipe();
    process.exitCode = undefined;
    Object.defineProperty(process, 'stdin', stdin);
    process.env = envBefore;
    process.chdir(cwdBefore);
    busy = false;
  }
}

/** Makes standard output a terminal or a pipe, whatever it really is. */
function pretend(columns: number | undefined): () => void {
  const { stdout } = process;
  const before = ['isTTY', 'columns'].map(
    (name) => [name, Object.getOwnPropertyDescriptor(stdout, name)] as const,
  );
  const set = (name: string, value: unknown): void =>
    void Object.defineProperty(stdout, name, { configurable: true, writable: true, value });
  set('isTTY', columns !== undefined);
  set('columns', columns);
  return () => {
    for (const [name, property] of before) {
      if (property === undefined) Reflect.deleteProperty(stdout, name);
      else Object.defineProperty(stdout, name, property);
    }
  };
}

function capture(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  let text = '';
  const write = jest.spyOn(stream, 'write').mockImplementation((chunk, ...rest: unknown[]) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  });
  return { text: () => text, restore: () => write.mockRestore() };
}
