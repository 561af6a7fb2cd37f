import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { commandLine } from '../command-line.ts';
import { type ScriptedS3, scriptedS3 } from '../scripted/s3.ts';
import { type Finished, ledgerOf } from '../spawn-cli.ts';

/** What the program prints about objects whose names break lines and contain terminal control codes. */

const NAME = 'a\nFAKE LINE\r\u001b[31m\u009b2J\u202e.gz';
const SHOWN = String.raw`a\nFAKE LINE\r\x1b[31m\x9b2J\u202e.gz`;
/** All except the line breaks and the tab in our own output. */
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odd-names-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
jest.setTimeout(120_000);

const elsewhere = () => ['--ndjson', join(folder, 'out/'), '--state', join(folder, 'state')];

/** Lines on the terminal that are not JSON. */
function plainLines({ out, err }: Finished): string[] {
  return `${out}\n${err}`.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
}

function expectSafe(finished: Finished): void {
  expect(plainLines(finished).filter((line) => STEERING.test(line) || line.startsWith('FAKE'))).toEqual([]);
  // The logger writes C1 unescaped: JSON lines are for machines. People read the ledger, too.
  expect(finished.out).not.toMatch(STEERING);
}

async function expectSafeThroughout(source: () => readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const run = (...args: string[]) => commandLine([...args, ...source(), ...elsewhere()], { env });
  for (const code of [4, 4, 3]) {
    const finished = await run('run');
    expect(finished.code).toBe(code);
    expectSafe(finished);
    if (code === 4) expect(ledgerOf(finished).error).toContain(SHOWN);
    expect(ledgerOf(finished).counters.objects_failed).toBe(code === 4 ? 1 : undefined);
    for (const how of ['--json', '--no-json']) {
      const shown = await run('state', 'show', how);
      expect(shown.code).toBe(0);
      expectSafe(shown);
    }
  }
  expectSafe(await run('dead-letters', 'list'));
  const list = await run('dead-letters', 'list', '--no-json');
  expectSafe(list);
  expect(list.out).toContain('1 dead letter:');
  const shown = await run('dead-letters', 'show');
  expectSafe(shown);
  expect(JSON.parse(shown.out).origin.uri).toContain(NAME);
}

it('a file', async () => {
  const files = join(folder, 'in');
  await mkdir(files);
  await writeFile(join(files, NAME), Buffer.from('1f8b0800ffff', 'hex'));
  await expectSafeThroughout(() => ['--file', files], {});
  const mapped = await commandLine(['map', files]);
  expect(mapped.code).toBe(4);
  expectSafe(mapped);
  expect(mapped.err).toContain(SHOWN);
});

describe('an object of S3', () => {
  let s3: ScriptedS3;
  const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
  beforeEach(async () => {
    s3 = await scriptedS3();
    s3.put(NAME, Buffer.from('1f8b0800ffff', 'hex'));
  });
  afterEach(() => s3.close());
  const bucket = () => ['--s3', 's3://scripted/', '--endpoint', s3.url];

  it('that is damaged', async () => {
    await expectSafeThroughout(bucket, env);
  });

  it('that check cannot read', async () => {
    s3.fault = ({ operation }) => (operation === 'get' ? { status: 403, code: 'AccessDenied' } : undefined);
    expectSafe(await commandLine(['check', ...bucket(), ...elsewhere()], { env }));
    const checked = await commandLine(['check', '--no-json', ...bucket(), ...elsewhere()], {
      env,
      columns: 200,
    });
    expect(checked.code).toBe(2);
    expectSafe(checked);
    expect(checked.out).toContain(SHOWN);
  });
});
