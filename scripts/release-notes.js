/**
 * Prints what CHANGELOG.md says about the version of a tag. Refuses (exit 1) a tag that is not the version of
 * package.json and of the Helm chart, and a version without a heading or without text below it.
 *
 *   node scripts/release-notes.js v1.2.3 [folder of the project, default this one]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const [, , tag = '', root = fileURLToPath(new URL('..', import.meta.url))] = process.argv;

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');

/** @param {string} version */
function faultsOf(version) {
  const chart = parse(read('deploy/helm/stepsecurity-siem/Chart.yaml'));
  const versions = {
    'package.json': JSON.parse(read('package.json')).version,
    'package-lock.json': JSON.parse(read('package-lock.json')).version,
    'Chart.yaml, version': chart.version,
    'Chart.yaml, appVersion': chart.appVersion,
  };
  return Object.entries(versions)
    .filter(([, found]) => found !== version)
    .map(([where, found]) => `${where} is ${found}, the tag ${tag}`);
}

/** The text below `## 1.2.3`, with or without a date, up to the next version. @param {string} version */
function notesOf(version) {
  const [, ...sections] = read('CHANGELOG.md').split(/^## /m);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version) ?? '';
  return section.replace(/^.*/, '').trim();
}

const version = /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1];
const notes = version === undefined ? '' : notesOf(version);
const faults =
  version === undefined
    ? [`a release is tagged v1.2.3, not ${tag || 'with nothing'}`]
    : [...faultsOf(version), ...(notes === '' ? [`CHANGELOG.md says nothing below "## ${version}"`] : [])];

for (const fault of faults) process.stderr.write(`release-notes: ${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
else process.stdout.write(`${notes}\n`);
