import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import yargs, { type CommandModule } from 'yargs';
import { commandLine } from '../command-line.ts';
import { ROOT } from '../markdown.ts';

/** The examples in each command's help can be copied: a shell accepts them, and the command line understands them. */

const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shell where the program only writes down its arguments. */
const RECORDER = String.raw`stepsecurity-siem() { printf '%s\0' "$@" >> words; }
set -e
`;

async function examplesOf(verb: string): Promise<string[]> {
  const { out } = await commandLine([verb, '--help'], { columns: 80 });
  const [, examples = ''] = out.split('\nExamples:\n');
  return examples.split('\n').flatMap((line) => (/^ {2}(?!#)\S/.test(line) ? [line.trim()] : []));
}

function wordsOf(example: string): string[] {
  for (const name of ['words', 'export.ndjson']) writeFileSync(join(folder, name), '');
  const { status, stderr } = spawnSync('bash', ['-c', RECORDER + example], { cwd: folder, encoding: 'utf8' });
  expect([example, status, stderr]).toEqual([example, 0, '']);
  return readFileSync(join(folder, 'words'), 'utf8').split('\0').slice(0, -1);
}

const modules = await Promise.all(
  globSync('src/commands/*/command.ts', { cwd: ROOT, absolute: true }).map(async (path) => {
    type Made = CommandModule | ((start: () => Promise<number>) => CommandModule);
    const [made] = Object.values((await import(path)) as Record<string, Made>);
    if (made === undefined) throw new Error(`${path} has no command`);
    return typeof made === 'function' ? made(async () => 0) : made;
  }),
);

it('every command has some', () => {
  expect(modules.length).toBeGreaterThan(10);
});

it.each(
  modules.map((module): [string, CommandModule] => [String(module.command).split(' ')[0] ?? '', module]),
)('%s', async (verb, module) => {
  const examples = await examplesOf(verb);
  expect(examples).not.toEqual([]);
  for (const example of examples) {
    const [first, ...others] = wordsOf(example);
    expect([example, first]).toEqual([example, verb]);
    let isUnderstood = false;
    await yargs([verb, ...others])
      .command({ ...module, handler: () => void (isUnderstood = true) })
      .strict()
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new Error(`${example}: ${message}`);
      })
      .parseAsync();
    expect([example, isUnderstood]).toEqual([example, true]);
  }
});
