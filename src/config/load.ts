import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '../contracts/errors.ts';
import { type Substituted, substituteEnv } from './env.ts';
import { type Override, withOverride } from './override.ts';
import { absolutePaths } from './paths.ts';
import { renamedIn } from './renamed.ts';
import { type Config, configSchema } from './schema.ts';

/**
 * Reads the configuration: YAML with `${ENV}`, then flags over it, then the schema. Paths come out absolute: those of
 * the file are relative to the file, those of flags to the working directory. Every complaint names its key and
 * what was expected; it never quotes a value, which may be a secret.
 */
export function loadConfig(
  file: string | undefined,
  overrides: readonly Override[],
  env = process.env,
): Config {
  const parsed = file === undefined ? {} : parseFile(file);
  const tree = overrides.reduce<unknown>((base, override) => withOverride(base, override), parsed);
  const { value, fromEnv } = substituteEnv(tree, env);
  const substituted = { value: absolutePaths(value, file, overrides), fromEnv };
  const where = file === undefined ? 'the flags' : file;
  const refuse = (complaints: readonly string[]): never => {
    throw new ConfigError(
      `${where}: the configuration is wrong:\n${complaints.map((one) => `  ${one}`).join('\n')}`,
    );
  };
  const renamed = renamedIn(substituted.value);
  if (renamed.length > 0) refuse(renamed);
  const result = configSchema.safeParse(substituted.value);
  const read = result.success ? result : configSchema.safeParse(retype(substituted, result.error.issues));
  if (read.success) return read.data;
  return refuse(read.error.issues.map(complaint));
}

function parseFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read the configuration ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [first] = document.errors;
  // The parser's message quotes the line, which may hold a secret: only its first line and the place are kept.
  if (first !== undefined) {
    const at = first.linePos?.[0];
    throw new ConfigError(
      `${file}${at === undefined ? '' : `:${at.line}:${at.col}`}: not valid YAML (${first.code})`,
    );
  }
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw new ConfigError(`${file}: not valid YAML (aliases that do not resolve, or too many)`, {
      cause: error,
    });
  }
}

/** What came from the environment is text; where the schema wants a number or a boolean, it is read as one. */
function retype({ value, fromEnv }: Substituted, issues: readonly z.core.$ZodIssue[]): unknown {
  return issues.reduce((tree, issue) => {
    if (issue.code !== 'invalid_type' || !fromEnv.has(issue.path.join('.'))) return tree;
    const path = issue.path.map(String);
    const text = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], tree);
    if (text === 'true' || text === 'false') return withOverride(tree, { path, value: text === 'true' });
    const number = Number(text);
    return text === '' || Number.isNaN(number) ? tree : withOverride(tree, { path, value: number });
  }, value);
}

function complaint(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.') || '(top level)';
  if (issue.code === 'unrecognized_keys') return `${path}: unknown key ${issue.keys.join(', ')}`;
  return `${path}: ${issue.message}`;
}
