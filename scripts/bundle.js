/**
 * Writes dist/: the program and all its libraries in a few files, and their licenses next to them. Reading many small modules
 * is most of the cost of a short run. Modules in `import()` go into separate files, which are loaded when they are needed.
 */
import { writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { noticesOf } from './notices.js';

const DIST = 'dist';

// CommonJS libraries call `require` for Node's own modules.
const REQUIRE =
  "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);";

/**
 * `import` of node:http reads everything it exports, and one of its getters loads a whole HTTP client that nobody here uses:
 * with Node 24, a tenth of a short run. `require` reads nothing.
 */
const httpByRequire = {
  name: 'http-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'require-call' ? undefined : { path: 'http', namespace: 'by-require' },
    );
    onLoad({ filter: /^http$/, namespace: 'by-require' }, () => ({
      contents: "module.exports = require('node:http');",
    }));
  },
};

const { metafile, warnings } = await build({
  entryPoints: ['src/cli.ts'],
  outdir: DIST,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // If a library has two builds, the one that can be tree-shaken.
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  // With `node --enable-source-maps` a stack trace names our files and lines. The sources themselves are not shipped.
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  plugins: [httpByRequire],
  metafile: true,
  logLevel: 'warning',
});
if (warnings.length > 0) throw new Error('the bundler has warnings: fix them first');

// Anything outside the bundle would have to be installed separately.
const missing = Object.values(metafile.outputs)
  .flatMap(({ imports }) => imports)
  .filter(({ external, path }) => external && !path.startsWith('node:') && !isBuiltin(path));
if (missing.length > 0) throw new Error(`not bundled: ${missing.map(({ path }) => path).join(', ')}`);

writeFileSync(`${DIST}/THIRD-PARTY-LICENSES.txt`, noticesOf(Object.keys(metafile.inputs)));
