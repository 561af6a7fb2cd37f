import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ConfigError } from '../../contracts/errors.ts';
import { finalDiskError, makeFolder } from '../../io/disk.ts';

/** Lists the files that the demo created next to it, one name per line. */
const MARKER = '.stepsecurity-siem-demo';

/** A folder of the demo's own, empty except for its marker. */
export interface DemoFolder {
  /** Records a file that is about to be created, so that the next demo may remove it. */
  readonly claim: (name: string) => void;
}

/**
 * Creates the folder, or removes what an earlier demo created there. Throws `ConfigError` if it contains anything else:
 * nothing that someone else put there is removed or written to.
 */
export async function openDemoFolder(path: string): Promise<DemoFolder> {
  const names = new Set<string>();
  const save = (): void => writeFileSync(join(path, MARKER), [...names, ''].join('\n'));
  try {
    await makeFolder(path);
    for (const name of madeBefore(path)) rmSync(join(path, name), { force: true });
    const [other] = readdirSync(path).filter((name) => name !== MARKER);
    if (other !== undefined)
      throw new ConfigError(
        `--out: ${path} contains ${JSON.stringify(other)}, which the demo did not create; choose an empty or a new folder`,
      );
    save();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw finalDiskError(error, `--out: ${path}`);
  }
  return {
    claim(name) {
      if (names.has(name)) return;
      names.add(name);
      try {
        save();
      } catch (error) {
        throw finalDiskError(error, `--out: ${path}`);
      }
    },
  };
}

function madeBefore(path: string): string[] {
  if (!readdirSync(path).includes(MARKER)) return [];
  const lines = readFileSync(join(path, MARKER), 'utf8').split('\n');
  return lines.filter((name) => name !== '' && name !== MARKER && basename(name) === name);
}
