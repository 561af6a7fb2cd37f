import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { commandLine } from '../command-line.ts';
import { itInFull, rows } from '../full.ts';
import { answering } from '../net/callers.ts';
import { littleProxy } from '../net/little-proxy.ts';
import { type Authority, makeAuthority } from '../net/tls-servers.ts';
import { QUICK_START } from '../quick-start.ts';
import { cli, type Finished, ledgerOf } from '../spawn-cli.ts';

const root = mkdtempSync(join(tmpdir(), 'cli-transport-'));
const SAMPLE = fileURLToPath(new URL('../../samples/domain-blocked.json', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const DETECTION_URL = 'https://localhost';
let authority: Authority;
let port: number;
let server: ReturnType<typeof createServer>;

beforeAll(async () => {
  authority = makeAuthority();
  server = createServer(authority.issue('localhost', 'DNS:localhost,IP:127.0.0.1'), answering());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  authority.remove();
  rmSync(root, { recursive: true, force: true });
});

let count = 0;
function configFile(config: object): string {
  const folder = join(root, String((count += 1)));
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'c.json'),
    JSON.stringify({ state: { type: 'file', path: 'state' }, ...config }),
  );
  return join(folder, 'c.json');
}

const noSecondError = (finished: Finished): void => {
  expect(finished.err).not.toMatch(/^\s+at /m);
  expect(finished.err).not.toContain('insecure');
};

const TOKEN = ['00000000', '0000', '0000', '0000', '000000000000'].join('-');
const ENDS = {
  elasticsearch: () => ({
    source: { type: 'file', path: SAMPLE },
    sink: { type: 'elasticsearch', urls: [`${DETECTION_URL}:${port}`] },
  }),
  s3: () => ({
    source: {
      type: 's3',
      endpoint: `${DETECTION_URL}:${port}`,
      region: 'us-east-1',
      bucket: 'bucket',
      start: 'beginning',
      force_path_style: true,
    },
    sink: { type: 'ndjson', path: 'out/' },
  }),
  splunk_hec: () => ({
    source: { type: 'file', path: SAMPLE },
    sink: { type: 'splunk_hec', url: `${DETECTION_URL}:${port}`, token: TOKEN },
  }),
  api: () => ({
    source: { type: 'api', url: `${DETECTION_URL}:${port}`, api_key: 'k', owners: ['acme'] },
    sink: { type: 'ndjson', path: 'out/' },
  }),
};
const AWS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** TLS itself is tested in process in test/net; what Node reads from its environment needs a process. */
describe.each(rows(1, Object.keys(ENDS) as (keyof typeof ENDS)[]))('run with %s', (name) => {
  it('verifies certificates whatever NODE_TLS_REJECT_UNAUTHORIZED says, and says so once', async () => {
    const proxy = await littleProxy();
    for (const through of rows(1, [{ HTTPS_PROXY: proxy.url }, {}])) {
      const env = { ...AWS, ...through, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
      const finished = await cli(['run', '--config', configFile(ENDS[name]())], { env });
      expect(finished.code).toBe(2);
      expect(finished.err).toContain('`ca_file`');
      expect(finished.err.match(/NODE_TLS_REJECT_UNAUTHORIZED/g)).toHaveLength(1);
      noSecondError(finished);
    }
    expect(proxy.asked.length).toBeGreaterThan(0);
    await proxy.close();
  });

  it('trusts the certificates in NODE_EXTRA_CA_CERTS', async () => {
    const env = { ...AWS, NODE_EXTRA_CA_CERTS: authority.caFile };
    const { err } = await cli(
      ['run', '--config', configFile({ ...ENDS[name](), retry: { max_elapsed: '1s' } })],
      { env },
    );
    expect(err).not.toMatch(/certificate|ca_file/);
  });
});

test('AWS credentials that contain a line break: exit 2 immediately, without a stack trace', async () => {
  const env = { ...AWS, AWS_SECRET_ACCESS_KEY: 'two\nlines' };
  const finished = await commandLine(['run', '--config', configFile(ENDS.s3())], { env });
  expect(finished.code).toBe(2);
  expect(finished.err).toContain('AWS_SECRET_ACCESS_KEY');
  expect(finished.err).not.toContain('two');
  noSecondError(finished);
  expect(finished.err).not.toContain('will try again');
});

test('an invalid region: exit 2 immediately, without a stack trace', async () => {
  const { region: _, ...source } = ENDS.s3().source;
  const finished = await commandLine(['run', '--config', configFile({ ...ENDS.s3(), source })], {
    env: { ...AWS, AWS_REGION: 'us east 1' },
  });
  expect(finished.code).toBe(2);
  noSecondError(finished);
});

/** The program with standard output in a file, or closed by its reader. */
function onto(
  args: readonly string[],
  out: '/dev/full' | 'closed',
): Promise<{ code: number | null; err: string }> {
  const fd = out === 'closed' ? ('pipe' as const) : openSync(out, 'w');
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const child = spawn(process.execPath, [...QUICK_START, CLI, ...args], {
      env,
      stdio: ['ignore', fd, 'pipe'],
    });
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdout?.destroy();
    child.on('close', (code) => {
      if (typeof fd === 'number') closeSync(fd);
      resolve({ code, err });
    });
  });
}

describe('standard output', () => {
  const toStdout = () =>
    configFile({ source: { type: 'file', path: SAMPLE }, sink: { type: 'ndjson', path: '-' } });

  it('that is full ends a run with exit 4 and says so', async () => {
    const { code, err } = await onto(['run', '--config', toStdout()], '/dev/full');
    expect(code).toBe(4);
    expect(err).toContain('standard output: the disk is full (ENOSPC)');
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('that its reader closed ends a run with exit 4, and what was not written is read again', async () => {
    const { code, err } = await onto(['run', '--config', toStdout()], 'closed');
    expect(code).toBe(4);
    expect(err).toContain('standard output was closed by its reader');
  });

  itInFull('that is full ends a command that only prints with exit 4', async () => {
    const { code, err } = await onto(['map', SAMPLE], '/dev/full');
    expect(code).toBe(4);
    expect(err).toContain('the disk is full');
  });

  itInFull('that its reader closed is not an error for a command that only prints', async () => {
    expect(await onto(['map', SAMPLE], 'closed')).toMatchObject({ code: 0, err: '' });
  });
});

test.each(['/proc/nowhere/state'])('a state in %s: exit 2 immediately', async (path) => {
  const config = configFile({
    source: { type: 'file', path: SAMPLE },
    sink: { type: 'ndjson', path: 'out/' },
    state: { type: 'file', path },
  });
  const finished = await commandLine(['run', '--config', config]);
  expect(finished.code).toBe(2);
  expect(ledgerOf(finished).exit_code).toBe(2);
  expect(finished.err).toContain(path);
  noSecondError(finished);
  expect(finished.err).not.toContain('will try again');
});

test('demo --out where no folder can be created: exit 2 immediately', async () => {
  const finished = await commandLine(['demo', '--out', '/proc/nowhere/out']);
  expect(finished.code).toBe(2);
  noSecondError(finished);
});
