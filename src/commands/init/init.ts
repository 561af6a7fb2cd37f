import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readConfig } from '../../config/load.ts';
import { ConfigError } from '../../contracts/errors.ts';
import { packageFile } from '../../contracts/package.ts';
import { DISK_FAULTS } from '../../io/disk.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { Answers } from './answers.ts';
import { compose } from './compose.ts';

const SCHEMA = fileURLToPath(packageFile('schemas/config.schema.json'));
/** Readable only by the user who runs it: it names hosts, and someone will put a secret into it. */
const MODE = 0o600;

/**
 * Writes a new configuration and returns its path. Throws `ConfigError` before writing anything if the answers do not
 * make a valid configuration, or if the file exists: nothing is overwritten.
 */
export async function writeConfiguration(answers: Answers, output: string): Promise<string> {
  const path = resolve(output);
  const text = compose(answers, SCHEMA);
  const given = Object.entries(parse(text) as object);
  readConfig(
    undefined,
    given.map(([key, value]) => ({ path: [key], value })),
  );
  await create(path, text, ANOTHER);
  return path;
}

/** Called before any question. Throws `ConfigError` if the file exists. */
export function refuseToOverwrite(output: string): void {
  const path = resolve(output);
  if (existsSync(path)) throw thereAlready(path, ANOTHER);
}

const ANOTHER = 'write another with --output FILE';
const thereAlready = (path: string, otherwise: string, cause?: unknown): ConfigError =>
  new ConfigError(`${path} already exists and is left unchanged; ${otherwise}`, { cause });

/** Puts a secret into a new file, which must not exist yet. */
export function writeSecret(path: string, secret: string): Promise<void> {
  return create(path, `${secret}\n`, 'choose another file');
}

async function create(path: string, text: string, otherwise: string): Promise<void> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'wx', MODE);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw thereAlready(path, otherwise, error);
    const why = code === 'ENOENT' ? 'the folder does not exist' : (DISK_FAULTS[code]?.what ?? message);
    throw new ConfigError(`${path} cannot be written: ${why}`, { cause: error });
  }
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** A file with a secret, and what the secret is. */
export interface KeyFile {
  readonly path: string;
  readonly what: string;
}

export function keyFilesOf({ source, sink }: Answers): KeyFile[] {
  return [
    ...(source.type === 'api' ? [{ path: source.keyFile, what: 'StepSecurity API key' }] : []),
    sink.type === 'elasticsearch'
      ? { path: sink.keyFile, what: 'Elasticsearch API key' }
      : { path: sink.tokenFile, what: 'HEC token' },
  ];
}

/** The steps that remain, in order. `absent` are the key files that do not exist yet. */
export function nextSteps(
  { source, sink }: Answers,
  config: readonly string[],
  absent: readonly KeyFile[],
): string[] {
  const line = (verb: string, ...more: string[]): string =>
    `  ${['stepsecurity-siem', verb, ...config.map(shellWord), ...more].join(' ')}`;
  return [
    ...absent.map(
      ({ path, what }) => `Put the ${what} into ${path}, readable only by this user (chmod 600).`,
    ),
    ...(source.type === 's3'
      ? ['AWS credentials come from the environment, a profile or the role of this machine.']
      : []),
    'Then:',
    // The key for runs may lack permission for setup.
    sink.type === 'elasticsearch'
      ? line('setup', '--api-key-file', 'SETUP-KEY-FILE')
      : line('setup', '--print'),
    line('check'),
    line('run'),
  ];
}
