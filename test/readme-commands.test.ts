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
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DemoApi, startDemoApi } from '../src/commands/demo/api.ts';
import { ran } from './deploy/recipes.ts';
import { FULL } from './full.ts';
import { blocks, ROOT } from './markdown.ts';
import { listen } from './scripted/listen.ts';
import { eventsOf, sqsAt } from './services/queue.ts';
import { describeWith } from './services/require.ts';

/**
 * Runs every command in the documents as it is written, in order, in a copy of the tree with its own home folder.
 * Commands that cannot run here are fenced as `console` and are in the list below with a reason.
 */
const NOT_RUN: Readonly<Record<string, string>> = {
  '$ curl --user "elastic:$ELASTIC_PASSWORD" --header \'kbn-xsrf: true\' \\': 'needs Kibana',
  '$ aws cloudformation deploy --stack-name stepsecurity-siem --template-file deploy/aws/cloudformation.yaml --capabilities CAPABILITY_IAM \\':
    'needs an AWS account; deploy/check/cloudformation.sh judges the template',
  '$ docker buildx build --sbom=true --provenance=mode=max --push -f deploy/docker/Dockerfile \\':
    'needs Docker and a registry; deploy/check/image.sh builds the image without',
  '$ sudo install -D -m 644 config.yaml /etc/stepsecurity-siem/config.yaml':
    'needs a host with systemd; deploy/check/systemd.sh judges the units',
  '$ kubectl apply -k .': 'needs a cluster; deploy/check/kubernetes.sh renders what it would apply',
  'index=stepsecurity sourcetype="stepsecurity:harden_runner:*" earliest=-1h | stats count BY sourcetype source':
    'searches of Splunk itself',
  '$ NULL_SERVER_URL=http://127.0.0.1:8100 S3_ENDPOINT=http://127.0.0.1:7070 SQS_ENDPOINT=http://127.0.0.1:4566 ELASTICSEARCH_URL=http://127.0.0.1:9200 npm run bench':
    'takes minutes and needs a quiet machine',
};
/** This command runs this test: it would start itself forever. */
const NEVER = 'npm test';

const CLUSTER = ['ELASTICSEARCH_SECURE_URL', 'ELASTICSEARCH_SECURE_PASSWORD', 'ELASTICSEARCH_SECURE_CA'];
/** What a block needs, by the files and variables it names; the first match counts. The demo stands in for the API. */
const NEEDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/sqs\.yaml/, [...CLUSTER, 'SQS_ENDPOINT']],
  [/api\.yaml/, CLUSTER],
  [/splunk\.yaml/, ['HEC_URL', 'HEC_TOKEN']],
  [/config\.yaml|ELASTICSEARCH_URL/, [...CLUSTER, 'S3_ENDPOINT']],
];
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
  STEPSECURITY_API_KEY: 'any',
  PATH: `${join(work, 'prefix', 'bin')}:${given['PATH'] ?? ''}`,
};

const servers: NodeJS.ProcessEnv = {
  ELASTICSEARCH_URL: given['ELASTICSEARCH_SECURE_URL'],
  ELASTIC_PASSWORD: given['ELASTICSEARCH_SECURE_PASSWORD'],
  CURL_CA_BUNDLE: given['ELASTICSEARCH_SECURE_CA'],
  NODE_EXTRA_CA_CERTS: given['ELASTICSEARCH_SECURE_CA'],
  SPLUNK_HEC_TOKEN: given['HEC_TOKEN'],
};

let api: DemoApi | undefined;
/** Ports of this machine in place of those in the documents, which something else may be using. */
const free = new Map<string, number>();
const onFreePorts = (text: string): string =>
  text.replaceAll(/127\.0\.0\.1:(808[01])\b/g, (_, port: string) => `127.0.0.1:${free.get(port)}`);
/** The reader's own URLs; and the authority of a test server, which readers do not need. */
const filledIn = (text: string): string =>
  text
    .replace(
      /urls: \['https:\/\/elasticsearch\.example:9200'\]/,
      `$&\n  ca_file: ${JSON.stringify(given['ELASTICSEARCH_SECURE_CA'] ?? '/none')}`,
    )
    .replace('https://elasticsearch.example:9200', given['ELASTICSEARCH_SECURE_URL'] ?? '$&')
    .replace('https://splunk.example:8088', given['HEC_URL'] ?? '$&')
    .replace(/queue_url: https:\S+/, `queue_url: ${given['SQS_ENDPOINT']}/000000000000/${BUCKET}-events`)
    .replace(/ *type: api\n/, `$&  url: ${api?.url}\n`);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(script: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: tree,
    env,
    // Its own process group: what it starts in the background ends with it, even after a failure.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // Nothing was left, as it should be.
      }
      resolve({ code, stdout, stderr });
    });
  });
}

beforeAll(async () => {
  api = await startDemoApi();
  for (const port of ['8080', '8081']) {
    const server = createServer();
    free.set(port, await listen(server));
    server.close();
  }
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
    if (language === 'yaml' && name !== undefined)
      writeFileSync(join(tree, name), `${onFreePorts(filledIn(text))}\n`);
  }
});
afterAll(() => {
  api?.close();
  rmSync(work, { recursive: true, force: true });
});

const needs = (text: string): readonly string[] => NEEDS.find(([sign]) => sign.test(text))?.[1] ?? [];

for (const { at, text } of blocks.filter(({ language }) => language === 'sh')) {
  const lines = text.split('\n').filter((line) => line !== NEVER);
  // CI installs, packs and builds; `npm test` runs in a tree where that was done.
  if (!FULL && /npm pack|npm run build:/.test(text)) continue;
  describeWith(needs(text), at, () => {
    it(lines[0] ?? '', async () => {
      const [bucketAt] = needs(text).filter((name) => /^(?:S3|SQS)_ENDPOINT$/.test(name));
      if (bucketAt !== undefined) await exportSamples(bucketAt);
      // The README's block has installed by then, and `npm run check` is a step of CI.
      const once = lines.map((line) => line.replace(/^npm (?:ci|run check)$/, ''));
      // What does not run here has its own test (adding-a-detection.test.ts).
      const script = FULL ? once : once.map((line) => line.replace(/npm ci && |^npm run golden$/, ''));
      const ended = await shell(onFreePorts(script.join('\n')), {
        ...environment,
        ...(needs(text).length > 0 && servers),
        ...(bucketAt !== undefined && { AWS_ENDPOINT_URL_S3: given[bucketAt] }),
      });
      // What a failed command printed.
      expect(ended.code === 0 ? '' : ended.stdout.slice(-2_000) + ended.stderr.slice(-6_000)).toBe('');
      // A run that reads nothing would succeed, too.
      if (/^stepsecurity-siem run /m.test(text))
        expect(ended.stdout).toMatch(/"command":"run".*"read":[1-9]/);
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

/** Puts the samples into the folder of the month they happened in, and announces them to a queue if there is one. */
async function exportSamples(endpointName: string): Promise<void> {
  const endpoint = given[endpointName] ?? '';
  const client = new S3Client({
    endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
  });
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('BucketAlready')) return;
    throw error;
  }
  if (endpointName === 'SQS_ENDPOINT') {
    const sqs = sqsAt(endpoint);
    await eventsOf({ s3: client, sqs }, BUCKET, 10);
    sqs.destroy();
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
