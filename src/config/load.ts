import * as z from 'zod';
import { ConfigError } from '../contracts/errors.ts';
import { inWords } from '../text/in-words.ts';
import { at, complaintsOf } from './complaints.ts';
import { type Substituted, substituteEnv } from './env.ts';
import { covers, type Override, withOverride } from './override.ts';
import { absolutePaths } from './paths.ts';
import { renamedIn } from './renamed.ts';
import { type Config, configSchema } from './schema.ts';
import { nameOf, readYaml, type Written } from './yaml-file.ts';

const NOTHING: Written = { tree: {}, lineOf: () => undefined };
const NO_CONFIGURATION =
  'no configuration: pass --config FILE or flags such as --s3 and --elasticsearch, or write one with init';

/** A configuration, and where each part of it came from. */
export interface ReadConfig {
  readonly config: Config;
  /** What was given, without defaults, but with absolute paths and variables substituted. */
  readonly given: unknown;
  /** Where a given value came from. */
  readonly originOf: (
    path: readonly PropertyKey[],
  ) => 'flag' | 'environment' | { readonly line: number | undefined };
}

/** Only the configuration; see `readConfig`. */
export function loadConfig(
  file: string | undefined,
  overrides: readonly Override[],
  env = process.env,
): Config {
  return readConfig(file, overrides, env).config;
}

/**
 * Reads the configuration: YAML with `${ENV}`, overridden by flags, validated by the schema. Resulting paths are
 * absolute: those in the file are relative to the file, those in flags to the working directory. Every complaint names
 * its key and what was expected; it never quotes a value, which may be a secret.
 */
export function readConfig(
  file: string | undefined,
  overrides: readonly Override[],
  env = process.env,
): ReadConfig {
  if (file === undefined && overrides.length === 0) throw new ConfigError(NO_CONFIGURATION);
  const written = file === undefined ? NOTHING : readYaml(file);
  const isFlag = (path: readonly PropertyKey[]) => overrides.some((flag) => covers(flag, path));
  const lineOf: Written['lineOf'] = (path) => (isFlag(path) ? undefined : written.lineOf(path));
  const refuse = (complaints: readonly string[]): never => {
    const where = file === undefined ? 'the flags' : nameOf(file);
    throw new ConfigError(
      `${where}: the configuration is wrong:\n${complaints.map((one) => `  ${one}`).join('\n')}`,
    );
  };
  const tree = overrides.reduce<unknown>((base, override) => withOverride(base, override), written.tree);
  const { value, fromEnv, unset } = substituteEnv(tree, env);
  if (unset.length > 0)
    refuse(unset.map(({ path, name }) => at(path, lineOf, `the environment variable ${name} is not set`)));
  const substituted = { value: absolutePaths(value, file, overrides), fromEnv };
  const renamed = renamedIn(substituted.value);
  if (renamed.length > 0) refuse(renamed.map(({ path, message }) => at(path, lineOf, message)));
  const check = (candidate: unknown) => configSchema.safeParse(candidate, { error: inWords });
  const result = check(substituted.value);
  const given = result.success ? substituted.value : retype(substituted, result.error.issues);
  const read = result.success ? result : check(given);
  if (read.success) {
    const originOf: ReadConfig['originOf'] = (path) => {
      if (isFlag(path)) return 'flag';
      return fromEnv.has(path.join('.')) ? 'environment' : { line: lineOf(path) };
    };
    return { config: read.data, given, originOf };
  }
  return refuse(read.error.issues.flatMap((issue) => complaintsOf(issue, substituted.value, lineOf)));
}

/** Values from the environment are text; where the schema wants a number or a boolean, they are parsed as one. */
function retype(
  { value, fromEnv }: Pick<Substituted, 'value' | 'fromEnv'>,
  issues: readonly z.core.$ZodIssue[],
): unknown {
  return issues.reduce((tree, issue) => {
    if (issue.code !== 'invalid_type' || !fromEnv.has(issue.path.join('.'))) return tree;
    const path = issue.path.map(String);
    const text = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], tree);
    if (text === 'true' || text === 'false') return withOverride(tree, { path, value: text === 'true' });
    const number = Number(text);
    return text === '' || Number.isNaN(number) ? tree : withOverride(tree, { path, value: number });
  }, value);
}
