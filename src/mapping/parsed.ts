import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { packageFile } from '../contracts/package.ts';

/** Written by the build. */
const BUILT = packageFile('dist/mappings.json');

let built: ReadonlyMap<string, unknown> | undefined;

/**
 * What the YAML says. Parsing the mappings of the package would be a sixth of what a start costs: their content comes from
 * the build, by the very text, so that a file that is written since is parsed like one of the operator's.
 */
export function parseMapping(text: string): unknown {
  built ??= readBuilt();
  return built.has(text) ? built.get(text) : parse(text);
}

function readBuilt(): ReadonlyMap<string, unknown> {
  try {
    return new Map(JSON.parse(readFileSync(BUILT, 'utf8')) as [string, unknown][]);
  } catch {
    // Sources that were never built, as tests may be run: the YAML says the same.
    return new Map();
  }
}
