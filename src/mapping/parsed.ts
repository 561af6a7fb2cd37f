import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { packageFile } from '../contracts/package.ts';

/** Written by the build. */
const BUILT = packageFile('dist/mappings.json');

let built: ReadonlyMap<string, unknown> | undefined;

/**
 * The content of the YAML. Parsing the package's mappings would take a sixth of the startup time, so the build has
 * parsed them: content is looked up by the exact text, so that a file changed since then is parsed like one of the
 * operator's.
 */
export function parseMapping(text: string): unknown {
  built ??= readBuilt();
  return built.has(text) ? built.get(text) : parse(text);
}

function readBuilt(): ReadonlyMap<string, unknown> {
  try {
    return new Map(JSON.parse(readFileSync(BUILT, 'utf8')) as [string, unknown][]);
  } catch {
    // The sources were never built, e.g. in tests: the YAML has the same content.
    return new Map();
  }
}
