import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError, messageOf } from '../contracts/errors.ts';
import { commonFile, type KindFile, kindFile, type Mappings } from './files.ts';

/** The folder that ships with the package. */
export const MAPPINGS_DIR = fileURLToPath(new URL('../../mappings', import.meta.url));

/** Reads every `*.yaml` of a folder: the folder is the registry. A wrong file is a ConfigError that names file and key. */
export function loadMappings(dir = MAPPINGS_DIR): Mappings {
  const files = readdirSync(dir)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const kinds = files.filter((name) => !name.startsWith('_')).map((name) => readKind(dir, name));
  return {
    common: read(dir, '_common.yaml', commonFile),
    unknown: read(dir, '_unknown.yaml', kindFile),
    kinds,
  };
}

function readKind(dir: string, name: string): KindFile {
  const kind = read(dir, name, kindFile);
  const expected = `${fileNameOf(kind.detection)}.yaml`;
  if (name !== expected)
    throw new ConfigError(`${join(dir, name)}: the mapping of ${kind.detection} must be named ${expected}`);
  return kind;
}

/** `NPM-Package-Upgrade` and `pr_check_failure` in kebab case. */
export function fileNameOf(kind: string): string {
  return kind.toLowerCase().replaceAll('_', '-');
}

function read<T>(dir: string, name: string, schema: z.ZodType<T>): T {
  const path = join(dir, name);
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`cannot read the mapping ${path}: ${messageOf(error)}`, { cause: error });
  }
  const result = schema.safeParse(content);
  if (!result.success)
    throw new ConfigError(`the mapping ${path} is wrong:\n${z.prettifyError(result.error)}`);
  return result.data;
}
