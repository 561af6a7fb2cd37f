import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '../../contracts/errors.ts';
import type { Answers } from './answers.ts';
import { compose } from './compose.ts';

/** Only who runs it may read it: it names hosts, and somebody will write a secret into it. */
const MODE = 0o600;

/** Writes a new configuration and gives its path. Throws `ConfigError` where there is a file of that name: nothing is overwritten. */
export async function writeConfiguration(answers: Answers, output: string): Promise<string> {
  const path = resolve(output);
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'wx', MODE);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new ConfigError(`${path} is there already and stays as it is; write another with --output FILE`, {
        cause: error,
      });
    throw new ConfigError(`${path} cannot be written: ${message}`, { cause: error });
  }
  try {
    await file.writeFile(compose(answers));
  } finally {
    await file.close();
  }
  return path;
}

/** What to do next, in the order of doing it. */
export function nextSteps({ source, sink }: Answers, path: string, config: string): string[] {
  const keys = [
    ...(source.type === 'api' ? [source.keyFile] : []),
    sink.type === 'elasticsearch' ? sink.keyFile : sink.tokenFile,
  ];
  return [
    `Wrote ${path} (mode 600).`,
    ...keys.map((key) => `Put the secret into ${key}, readable by this user alone (chmod 600).`),
    ...(source.type === 's3'
      ? ['AWS credentials come from the environment, a profile or the role of this machine.']
      : []),
    'Then:',
    `  stepsecurity-siem setup ${config}`,
    `  stepsecurity-siem check ${config}`,
    `  stepsecurity-siem run ${config}`,
  ];
}
