import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Licenses that let us ship a library in a program under Apache-2.0, with its notice. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Zlib',
]);

/**
 * The name, version, license and notices of the packages that these files belong to. Throws for a license that has not
 * been reviewed.
 */
export function noticesOf(files) {
  const folders = [...new Set(files.flatMap((file) => packageOf(file) ?? []))];
  const notices = folders.map(noticeOf).sort();
  return `stepsecurity-siem contains the following software.\n\n${[...new Set(notices)].join('\n')}`;
}

/**
 * The folder of the package that a file below node_modules belongs to: the nearest one whose package.json has a
 * version.
 */
function packageOf(file) {
  if (!file.includes('node_modules/')) return undefined;
  for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && 'version' in JSON.parse(readFileSync(manifest, 'utf8'))) return folder;
  }
  throw new Error(`${file} does not belong to a package`);
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!PERMISSIVE.has(license))
    throw new Error(
      `${name} ${version} is licensed as ${license}: review whether it may be shipped, then add it here`,
    );
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)/i.test(entry.name))
    .map((entry) => entry.name)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${'-'.repeat(80)}\n${name} ${version} (${license})`, ...texts].join('\n\n').concat('\n');
}
