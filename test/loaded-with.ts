import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ROOT } from './markdown.ts';

/**
 * Everything that is loaded with a file in src/ before its code runs: paths below src/, and names of packages. Types
 * are not loaded, and neither are modules in `import()`.
 */
export function loadedWith(path: string): readonly string[] {
  const seen = new Set<string>();
  const src = new URL('src/', pathToFileURL(ROOT));
  const visit = (file: URL): void => {
    const own = file.href.slice(src.href.length);
    if (seen.has(own)) return;
    seen.add(own);
    const code = readFileSync(file, 'utf8');
    for (const [, target = ''] of code.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gm)) {
      if (target.startsWith('.')) visit(new URL(target, file));
      else if (!isBuiltin(target)) seen.add(target);
    }
  };
  visit(new URL(path, src));
  return [...seen].sort();
}
