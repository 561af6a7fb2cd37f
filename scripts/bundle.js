/**
 * Writes dist/: the program and all libraries it uses in a few files, and their licences beside them. Reading many small
 * modules is most of what a short run costs. What is imported with `import()` is in files of its own, loaded when it is needed.
 */
import { writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { noticesOf } from './notices.js';

const DIST = 'dist';

// Libraries of the older kind call `require`, for what Node itself has.
const REQUIRE =
  "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);";

const { metafile, warnings } = await build({
  entryPoints: ['src/cli.ts'],
  outdir: DIST,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Of two builds of a library, the one that leaves unused parts out.
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  // With `node --enable-source-maps` a stack names our files and lines. Sources themselves are not shipped.
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
if (warnings.length > 0) throw new Error('the bundler warns: nothing it says may be left to chance');

// What is not in the bundle would have to be installed beside it.
const missing = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ external, path }) => external && !path.startsWith('node:') && !isBuiltin(path));
if (missing.length > 0) throw new Error(`not bundled: ${missing.map(({ path }) => path).join(', ')}`);

writeFileSync(`${DIST}/THIRD-PARTY-LICENSES.txt`, noticesOf(Object.keys(metafile.inputs)));
