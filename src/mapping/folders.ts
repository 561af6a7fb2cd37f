import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, messageOf } from '../contracts/errors.ts';
import { packageFile } from '../contracts/package.ts';

/** The folder in the package. */
export const MAPPINGS_DIR = fileURLToPath(packageFile('mappings'));

const SHARED = ['_common.yaml', '_unknown.yaml'] as const;

/** A mapping file in use. */
export interface FileInUse {
  readonly name: string;
  readonly path: string;
  /** It is one of the operator's. */
  readonly own: boolean;
  /** It replaces one of the package's. */
  readonly replaces: boolean;
}

type Files = { readonly [Name in (typeof SHARED)[number]]: FileInUse } & Readonly<Record<string, FileInUse>>;

/**
 * The package's files by name, with those of another folder laid over them. An identical copy of a package file
 * does not count.
 */
export function filesInUse(overlay: string | undefined): Files {
  const shipped = namesIn(MAPPINGS_DIR);
  const own = overlay === undefined ? [] : namesIn(overlay).filter((name) => !isCopy(overlay, name, shipped));
  const names = [...new Set([...shipped, ...own])].sort();
  const files = names.map((name): [string, FileInUse] => {
    const isOwn = overlay !== undefined && own.includes(name);
    const path = join(isOwn ? overlay : MAPPINGS_DIR, name);
    return [name, { name, path, own: isOwn, replaces: isOwn && shipped.includes(name) }];
  });
  return Object.fromEntries(files) as Files;
}

function namesIn(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    throw new ConfigError(`cannot read the mappings folder ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const names = entries.filter((name) => name.endsWith('.yaml'));
  for (const name of entries) {
    const path = join(folder, name);
    if (name.endsWith('.yml')) throw new ConfigError(`${path}: the name of a mapping must end in .yaml`);
    if (name.startsWith('_') && name.endsWith('.yaml') && !SHARED.some((one) => one === name))
      throw new ConfigError(`${path}: only ${SHARED.join(' and ')} may start with _`);
  }
  if (names.length === 0) throw new ConfigError(`the folder ${folder} contains no mapping (*.yaml)`);
  return names;
}

function isCopy(folder: string, name: string, shipped: readonly string[]): boolean {
  if (!shipped.includes(name)) return false;
  return readMapping(join(folder, name)) === readMapping(join(MAPPINGS_DIR, name));
}

/** Far above any mapping. YAML parsing time grows with the square of the number of keys. */
const LONGEST_FILE = 2 ** 18;

/**
 * The text of a mapping file. Anything that is not a file, or is far too long for a mapping, is a ConfigError and
 * is not read.
 */
export function readMapping(path: string): string {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new Error('it is not a file');
    if (stats.size > LONGEST_FILE)
      throw new Error(`it has ${stats.size} bytes; the limit for a mapping is ${LONGEST_FILE}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read the mapping ${path}: ${messageOf(error)}`, { cause: error });
  }
}
