#!/usr/bin/env node
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

/** Only Node 22.8 and newer have it, and our types are those of Node 20. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

// What V8 makes of each module is kept for the next run: a tenth of a run with nothing new. It is kept next to the
// program, since anyone who may write there may change the program too; a folder in /tmp could be somebody else's.
// Where the program may not write, nothing is kept, and Node says nothing.
if (enableCompileCache !== undefined) {
  const mask = process.umask(0o077);
  enableCompileCache(fileURLToPath(new URL('compile-cache', import.meta.url)));
  process.umask(mask);
}

await import('./program.ts');
