/**
 * Packs the dashboards, searches and detection rules of deploy/elasticsearch/kibana into a Fleet content package,
 * build/stepsecurity_siem-<version>.tar.gz, stamped with the version of package.json. The same sources give the same bytes.
 * Prints the path of the archive; the packed folder stays next to it, for Elastic's validator.
 *
 *   node scripts/build-elastic-package.js [output folder, default build]
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './reproducible-archive.js';

const NAME = 'stepsecurity_siem';
const PICTURES = ['overview', 'run', 'supply-chain', 'feed'].map((name) => `kibana-${name}.svg`);
/** Fleet has these data views everywhere, and a content package may not contain its own. */
const DATA_VIEWS = { [`${NAME}-events`]: 'logs-*', [`${NAME}-heartbeats`]: 'metrics-*' };
/** Fields that an import sets but an installed rule must not. */
const NOT_OF_A_PACKAGE = ['enabled', 'immutable', 'actions', 'exceptions_list'];

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(root, 'build'));

/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const name = `${NAME}-${version}`;
const folder = join(out, name);

/** @param {string} path @param {string} text */
function write(path, text) {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

/** @param {string} file @returns {Record<string, any>[]} */
function objectsOf(file) {
  const text = readFileSync(join(root, 'deploy/elasticsearch/kibana', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/**
 * Uses only fields of Fleet's data views, which lack our runtime field, and no tag: Fleet creates it from tags.yml.
 * @param {Record<string, any>} object
 */
function inPackage(object) {
  const moved = Object.entries(DATA_VIEWS).reduce(
    (text, [from, to]) => text.replaceAll(`"${from}"`, `"${to}"`).replaceAll(`\\"${from}\\"`, `\\"${to}\\"`),
    JSON.stringify(object),
  );
  const result = JSON.parse(moved);
  result.references = result.references.filter((/** @type {{ type: string }} */ { type }) => type !== 'tag');
  if (result.type !== 'search') return result;
  const columns = result.attributes.columns.filter(
    (/** @type {string} */ column) => column !== 'stepsecurity.console_url',
  );
  result.attributes.columns = [
    ...new Set([...columns, ...(columns.length < result.attributes.columns.length ? ['event.url'] : [])]),
  ];
  return result;
}

/** @param {string} svg `1440x1596` */
function sizeOf(svg) {
  const [, width, height] = / width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  return `${width}x${height}`;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
cpSync(join(root, 'scripts/kibana/package'), folder, { recursive: true });
const pictures = new Map(
  PICTURES.map((file) => [file, readFileSync(join(root, 'docs/pictures', file), 'utf8')]),
);
for (const [file, svg] of pictures) write(`img/${file}`, svg);
for (const file of ['manifest.yml', 'changelog.yml']) {
  const text = readFileSync(join(folder, file), 'utf8')
    .replaceAll('@VERSION@', version)
    .replaceAll(/@SIZE:([\w-]+)@/g, (_, picture) => sizeOf(pictures.get(`${picture}.svg`) ?? ''));
  write(file, text);
}
for (const object of objectsOf('saved-objects.ndjson')) {
  if (object.type !== 'dashboard' && object.type !== 'search') continue;
  write(`kibana/${object.type}/${object.id}.json`, `${JSON.stringify(inPackage(object), null, 2)}\n`);
}
for (const rule of objectsOf('detection-rules.ndjson')) {
  const attributes = Object.fromEntries(
    Object.entries(rule).filter(([key]) => !NOT_OF_A_PACKAGE.includes(key)),
  );
  const id = `${rule.rule_id}_${rule.version}`;
  write(
    `kibana/security_rule/${id}.json`,
    `${JSON.stringify({ id, type: 'security-rule', attributes }, null, 2)}\n`,
  );
}

const entries = readdirSync(out, { recursive: true, encoding: 'utf8' })
  .filter((entry) => entry === name || entry.startsWith(`${name}/`))
  .sort();
const archive = pack(out, `${name}.tar.gz`, entries);
process.stdout.write(`${archive}\n`);
