import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../markdown.ts';

export interface Package {
  readonly name: string;
  /** Paths of files and folders; folders end in a slash. */
  readonly paths: readonly string[];
  readonly text: (path: string) => string;
  readonly yaml: (path: string) => unknown;
  readonly json: (path: string) => unknown;
  readonly archive: Buffer;
}

/** The Fleet package, built as in `npm run build:elastic-package`. */
export function builtPackage(): Package {
  const out = mkdtempSync(join(tmpdir(), 'stepsecurity-siem-package-'));
  try {
    const script = join(ROOT, 'scripts/build-elastic-package.js');
    const archive = execFileSync(process.execPath, [script, out], { encoding: 'utf8' }).trim();
    const folder = archive.replace(/\.tar\.gz$/, '');
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = new Map<string, string>();
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
      if (entry.isDirectory()) files.set(`${path}/`, '');
      else files.set(path, readFileSync(join(folder, path), 'utf8'));
    }
    const text = (path: string): string => {
      const found = files.get(path);
      if (found === undefined) throw new Error(`the package has no ${path}`);
      return found;
    };
    return {
      name: folder.split('/').at(-1) ?? '',
      paths: [...files.keys()].sort(),
      text,
      yaml: (path) => parse(text(path)),
      json: (path) => JSON.parse(text(path)),
      archive: readFileSync(archive),
    };
  } finally {
    rmSync(out, { recursive: true });
  }
}
