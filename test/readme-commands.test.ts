import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ran } from './deploy/recipes.ts';
import { FULL } from './full.ts';
import { blocks, ROOT } from './markdown.ts';
import { describeWith } from './services/require.ts';

/**
 * Runs every command in the documents as it is written, in order, in a copy of the tree with its own home folder.
 * Commands that cannot run here are fenced as `console` and are in the list below with a reason.
 */
const NOT_RUN: Readonly<Record<string, string>> = {
  '$ curl --user "elastic:$ELASTIC_PASSWORD" --header \'kbn-xsrf: true\' \\': 'needs Kibana',
  '$ stepsecurity-siem check --config api.yaml': 'needs the StepSecurity API and a key',
  '$ docker buildx build --sbom=true --provenance=mode=max --push -f deploy/docker/Dockerfile \\':
    'needs Docker and a registry; deploy/check/image.sh builds the image without',
  '$ sudo install -D -m 644 config.yaml /etc/stepsecurity-siem/config.yaml':
    'needs a host with systemd; deploy/check/systemd.sh judges the units',
  '$ kubectl apply -k .': 'needs a cluster; deploy/check/kubernetes.sh renders what it would apply',
  'index=stepsecurity sourcetype="stepsecurity:harden_runner:*" earliest=-1h | stats count BY sourcetype source':
    'searches of Splunk itself',
  '$ NULL_SERVER_URL=http://127.0.0.1:8100 S3_ENDPOINT=http://127.0.0.1:7070 ELASTICSEARCH_URL=http://127.0.0.1:9200 npm run bench':
    'takes minutes and needs a quiet machine',
};
/** This command runs this test: it would start itself forever. */
const NEVER = 'npm test';

const ELASTICSEARCH = [
  'ELASTICSEARCH_SECURE_URL',
  'ELASTICSEARCH_SECURE_PASSWORD',
  'ELASTICSEARCH_SECURE_CA',
  'S3_ENDPOINT',
];
const SPLUNK = ['HEC_URL', 'HEC_TOKEN'];
const BUCKET = 'example-stepsecurity-detections';

/** Generated and not kept in git, or not part of what a reader checks out. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'out', 'build', 'coverage', '.git']);

const work = realpathSync(mkdtempSync(join(tmpdir(), 'stepsecurity-siem-commands-')));
const tree = join(work, 'tree');
const given = process.env;

/** The reader's environment: without the variables of jest and npm, but with the same registry and cache. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(given).filter(([name]) => !/^(npm_|NODE_OPTIONS$|JEST_|NODE_ENV$|INIT_CWD$)/.test(name)),
  ),
  HOME: join(work, 'home'),
  npm_config_cache: given['npm_config_cache'] ?? join(given['HOME'] ?? '', '.npm'),
  npm_config_userconfig: given['npm_config_userconfig'] ?? join(given['HOME'] ?? '', '.npmrc'),
  npm_config_prefer_offline: 'true',
  npm_config_prefix: join(work, 'prefix'),
  PATH: `${join(work, 'prefix', 'bin')}:${given['PATH'] ?? ''}`,
};

const servers: NodeJS.ProcessEnv = {
  ELASTICSEARCH_URL: given['ELASTICSEARCH_SECURE_URL'],
  ELASTIC_PASSWORD: given['ELASTICSEARCH_SECURE_PASSWORD'],
  CURL_CA_BUNDLE: given['ELASTICSEARCH_SECURE_CA'],
  NODE_EXTRA_CA_CERTS: given['ELASTICSEARCH_SECURE_CA'],
  AWS_ENDPOINT_URL_S3: given['S3_ENDPOINT'],
  SPLUNK_HEC_TOKEN: given['HEC_TOKEN'],
};

/** The reader's own URLs; and the authority of a test server, which readers do not need. */
const filledIn = (text: string): string =>
  text
    .replace(
      /urls: \['https:\/\/elasticsearch\.example:9200'\]/,
      `$&\n  ca_file: ${JSON.stringify(given['ELASTICSEARCH_SECURE_CA'] ?? '/none')}`,
    )
    .replace('https://elasticsearch.example:9200', given['ELASTICSEARCH_SECURE_URL'] ?? '$&')
    .replace('https://splunk.example:8088', given['HEC_URL'] ?? '$&');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(script: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: tree,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

beforeAll(() => {
  cpSync(ROOT, tree, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(basename(path)) || relative(ROOT, path).includes('/'),
  });
  if (!FULL) {
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    cpSync(join(ROOT, 'dist'), join(tree, 'dist'), { recursive: true });
    mkdirSync(join(work, 'prefix', 'bin'), { recursive: true });
    symlinkSync(join(tree, 'dist', 'cli.js'), join(work, 'prefix', 'bin', 'stepsecurity-siem'));
  }
  mkdirSync(join(work, 'home'));
  for (const { language, text } of blocks) {
    // A comment at the top names the file.
    const [, name] = /^(?:# yaml-language-server.*\n)?# ((?:mappings\/)?[\w-]+\.yaml)\n/.exec(text) ?? [];
    if (language === 'yaml' && name !== undefined) writeFileSync(join(tree, name), `${filledIn(text)}\n`);
  }
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function needs(text: string): readonly string[] {
  if (/config\.yaml|ELASTICSEARCH_URL/.test(text)) return ELASTICSEARCH;
  return text.includes('splunk.yaml') ? SPLUNK : [];
}

for (const { at, text } of blocks.filter(({ language }) => language === 'sh')) {
  const lines = text.split('\n').filter((line) => line !== NEVER);
  // CI installs, packs and builds; `npm test` runs in a tree where that was done.
  if (!FULL && /npm pack|npm run build:/.test(text)) continue;
  describeWith(needs(text), at, () => {
    it(lines[0] ?? '', async () => {
      if (needs(text) === ELASTICSEARCH) await exportSamples();
      // What does not run here has its own test (adding-a-detection.test.ts).
      const script = FULL
        ? lines
        : lines.map((line) => line.replace(/npm ci && |^npm (?:ci|run (?:golden|check))$/, ''));
      const ended = await shell(script.join('\n'), {
        ...environment,
        ...(needs(text).length > 0 && servers),
      });
      // What a failed command printed.
      expect(ended.code === 0 ? '' : ended.stdout.slice(-2_000) + ended.stderr.slice(-6_000)).toBe('');
      if (ended.stdout.startsWith('*/')) await asCronWould(ended.stdout.replace(/^(\S+ ){5}/, ''));
    }, 600_000);
  });
}

/**
 * Runs the printed line once with its secrets and once without, and checks the exit code each time. A file takes the
 * place of the host's role.
 */
async function asCronWould(line: string): Promise<void> {
  const home = join(work, 'home');
  const profile = ['[default]', `aws_access_key_id = ${given['AWS_ACCESS_KEY_ID']}`];
  profile.push(
    `aws_secret_access_key = ${given['AWS_SECRET_ACCESS_KEY']}`,
    `endpoint_url = ${given['S3_ENDPOINT']}`,
  );
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(join(home, '.aws', 'credentials'), `${profile.join('\n')}\n`);
  const env = { HOME: home, LOGNAME: 'siem', SHELL: '/bin/sh', PATH: '/usr/bin:/bin' };
  const started = { command: ['/bin/sh', '-c', line] as const, cwd: home, env };
  const log = join(tree, 'run.log');
  expect(await ran(started)).toEqual({ code: 0, out: '' });
  expect(readFileSync(log, 'utf8')).toMatch(/^\{"ledger":1.*"exit_code":0/m);
  renameSync(join(tree, 'run-key'), join(tree, 'no-key'));
  expect(await ran(started)).toEqual({ code: 2, out: '' });
  expect(readFileSync(log, 'utf8')).toMatch(/^\{"ledger":1.*"exit_code":2/m);
  renameSync(join(tree, 'no-key'), join(tree, 'run-key'));
}

/** The samples, in the folder of the month they happened in. */
async function exportSamples(): Promise<void> {
  const client = new S3Client({
    endpoint: given['S3_ENDPOINT'] ?? '',
    forcePathStyle: true,
    region: 'us-east-1',
  });
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('BucketAlready')) return;
    throw error;
  }
  const samples = join(ROOT, 'samples');
  for (const name of readdirSync(samples)) {
    const Body = readFileSync(join(samples, name));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `detections/2025/07/${name}`, Body }));
  }
  client.destroy();
}

describe('the first lines', () => {
  it('are the ones that everybody is given', () => {
    const [first] = blocks;
    expect(first).toMatchObject({ language: 'sh', text: ['npm ci && npm run demo', NEVER].join('\n') });
    expect(first?.at).toMatch(/^README\.md:/);
  });

  it('leave documents for every sample', () => {
    const mapped = readdirSync(join(tree, 'out'));
    expect(mapped.length).toBeGreaterThan(20);
  });
});

describe('a command that cannot run here', () => {
  it('is listed with its reason', () => {
    const shown = blocks
      .filter(({ language }) => language === 'console')
      .map(({ text }) => text.split('\n')[0]);
    expect(new Set(shown)).toEqual(new Set(Object.keys(NOT_RUN)));
  });

  it('has no language that is not checked', () => {
    const known = ['sh', 'console', 'yaml', 'json', 'text'];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
  });
});
