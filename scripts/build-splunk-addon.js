/**
 * Packs deploy/splunk/TA-stepsecurity into build/TA-stepsecurity-<version>.tgz, stamped with the version of
 * package.json. The same sources give the same bytes. Prints the path of the archive.
 *
 *   node scripts/build-splunk-addon.js [output folder, default build]
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './reproducible-archive.js';

const NAME = 'TA-stepsecurity';
const STAMPED = ['app.manifest', 'default/app.conf'];

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(root, 'build'));
const staged = join(out, NAME);

/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

mkdirSync(out, { recursive: true });
rmSync(staged, { recursive: true, force: true });
cpSync(join(root, 'deploy/splunk', NAME), staged, { recursive: true });
for (const name of STAMPED) {
  const file = join(staged, name);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('@VERSION@', version));
}

const entries = readdirSync(out, { recursive: true, encoding: 'utf8' })
  .filter((entry) => entry === NAME || entry.startsWith(`${NAME}/`))
  .sort();
// AppInspect wants files that only their owner may write and nobody may execute.
for (const entry of entries)
  chmodSync(join(out, entry), statSync(join(out, entry)).isDirectory() ? 0o755 : 0o644);

const archive = pack(out, `${NAME}-${version}.tgz`, entries);
rmSync(staged, { recursive: true });
process.stdout.write(`${archive}\n`);
