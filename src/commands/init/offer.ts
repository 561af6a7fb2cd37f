import { access } from 'node:fs/promises';
import type { Dialogue } from '../dialogue.ts';
import type { SinkAnswers } from './answers.ts';
import { type KeyFile, writeSecret } from './init.ts';

/** Starts another command of the program, and returns its exit code. */
export type Start = (args: readonly string[]) => Promise<number>;

/** The files that do not exist. */
export async function absentOf(files: readonly KeyFile[]): Promise<KeyFile[]> {
  const present = await Promise.all(
    files.map(({ path }) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, at) => !present[at]);
}

/** Asks for the secrets whose files do not exist, and writes them. */
export async function takeSecrets(files: readonly KeyFile[], dialogue: Dialogue): Promise<void> {
  for (const { path, what } of await absentOf(files)) {
    const secret = (
      await dialogue.secret(`${what}, to be written to ${path} (not shown; leave empty to add it later)`)
    ).trim();
    if (secret !== '') await writeSecret(path, secret);
  }
}

/** Offers to run setup and check. The question is closed before the other command starts. */
export async function offer(
  sink: SinkAnswers['type'],
  config: readonly string[],
  dialogue: Pick<Dialogue, 'ask' | 'close'>,
  start: Start,
): Promise<void> {
  const isYes = async (question: string, standard: 'y' | 'n'): Promise<boolean> =>
    /^y(?:es)?$/i.test((await dialogue.ask(question, standard)).trim());
  const setup =
    sink === 'elasticsearch'
      ? await isYes(
          'Install templates and policies now (setup)? This key must have the role for it. y/n',
          'n',
        )
      : await isYes('Print what Splunk needs (setup)? y/n', 'y');
  const check = await isYes('Check everything now (check)? y/n', 'y');
  dialogue.close();
  if (setup) {
    const code = await start(['setup', ...config, ...(sink === 'elasticsearch' ? [] : ['--print'])]);
    if (code !== 0) return;
  }
  if (check) await start(['check', ...config]);
}
