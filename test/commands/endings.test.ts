import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest, test } from '@jest/globals';
import { verificationSchema } from '../../src/commands/verify/verification.ts';
import { openDeadLetters } from '../../src/letters/dead-letters.ts';
import type { DeadLetter } from '../../src/letters/letter.ts';
import { createFileStore } from '../../src/state/file.ts';
import { commandLine } from '../command-line.ts';
import { testContext } from '../contract/sink.ts';
import { payloadOf } from '../detections/harness.ts';
import { itInFull } from '../full.ts';
import { cli, type Finished, ledgerOf } from '../spawn-cli.ts';

/** How each command ends when it is stopped in the middle of its work: its exit code, and what its account says. */

let folder: string;
let server: Server;
let url: string;
let asked: () => void;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'endings-'));
  asked = () => undefined;
  // Accepts requests and never answers, so that the program is busy when the request arrives.
  server = createServer(() => asked());
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const env = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** A command that is stopped as soon as it has sent the server a request. */
function stopped(...args: readonly string[]): Promise<Finished> {
  asked = () => process.emit('SIGTERM', 'SIGTERM');
  return commandLine(args, { env });
}

/** The real program, stopped by a signal. */
function signalled(...args: readonly string[]): Promise<Finished> {
  return cli(args, {
    env,
    started: (child) => {
      asked = () => child.kill('SIGTERM');
    },
  });
}

const range = ['--from', '2025-01-01', '--to', '2026-01-01'];
const bucket = () => ['--s3', 's3://bucket/', '--endpoint', url, '--set', 'pipeline.grace=2s'];
const elsewhere = () => ['--ndjson', at('out/'), '--state', at('state')];

jest.setTimeout(60_000);

describe('a source that does not answer', () => {
  it('lets run end normally: exit 0, and the ledger says that it is not complete', async () => {
    const run = await signalled('run', ...bucket(), ...elsewhere());
    expect(run.code).toBe(0);
    expect(ledgerOf(run)).toMatchObject({ exit_code: 0, complete: false, checkpoint: { clean: true } });
    const shown = await commandLine(['state', 'show', ...bucket(), ...elsewhere()], { env });
    expect(JSON.parse(shown.out)).toMatchObject({ checkpoints: [{ clean: true, complete: false }] });
  });

  it.each([
    ['backfill', ['backfill', ...range]],
    ['a dry run', ['backfill', '--dry-run', ...range]],
  ])('makes %s exit 4: it has to be run again', async (_, args) => {
    const ended = await stopped(...args, ...bucket(), ...elsewhere());
    expect(ended.code).toBe(4);
    expect(ledgerOf(ended)).toMatchObject({ exit_code: 4, complete: false, error: 'stopped by SIGTERM' });
  });

  it('makes verify exit 4', async () => {
    const ended = await stopped('verify', ...range, ...bucket(), ...elsewhere());
    expect(ended.code).toBe(4);
    const account = verificationSchema.parse(JSON.parse(ended.out.trimEnd().split('\n').at(-1) ?? ''));
    expect(account).toMatchObject({ exit_code: 4, complete: false, error: 'stopped by SIGTERM' });
  });

  itInFull('makes commands without an account fail', async () => {
    expect((await stopped('check', ...bucket(), ...elsewhere())).code).not.toBe(0);
    expect(
      (await stopped('state', 'rewind', '--to', '2025-01-01', ...bucket(), ...elsewhere())).code,
    ).not.toBe(0);
  });
});

test.each([
  ['run', ['run']],
  ['verify', ['verify', ...range]],
])('an STS that does not answer does not keep %s from stopping', async (_, command) => {
  const role = ['--set', 'source.assume_role.arn=arn:aws:iam::123456789012:role/r'];
  let questions = 0;
  asked = () => {
    questions += 1;
    process.emit('SIGTERM', 'SIGTERM');
  };
  const ended = await commandLine([...command, ...bucket(), ...role, ...elsewhere()], {
    env: { ...env, AWS_ENDPOINT_URL_STS: url },
  });
  // A program that waited for the timeout would ask again.
  expect(questions).toBe(1);
  expect(ended.err).not.toMatch(/^\s+at /m);
  expect([0, 4]).toContain(ended.code);
  expect(ended.out).toContain('"complete":false');
});

itInFull('a sink that does not answer makes setup fail', async () => {
  const args = ['--file', at('*.json'), '--elasticsearch', url, '--state', at('state')];
  expect((await signalled('setup', ...args)).code).toBe(4);
});

test('a store that does not answer makes state show and dead-letters list fail', async () => {
  const state = { type: 's3', bucket: 'state', endpoint: url, force_path_style: true };
  const args = ['--file', at('*.json'), '--ndjson', at('out/'), '--set', `state=${JSON.stringify(state)}`];
  expect((await stopped('state', 'show', ...args)).code).toBe(4);
  expect((await stopped('dead-letters', 'list', ...args)).code).toBe(4);
});

itInFull('a stopped replay exits 4 and keeps every letter', async () => {
  const store = await createFileStore({ type: 'file', path: at('state/dead-letters') }, testContext());
  const letters = openDeadLetters(store);
  for (const id of ['a', 'b']) {
    const letter: DeadLetter = {
      id,
      at: '2026-01-01T00:00:00.000Z',
      stage: 'write',
      code: 'rejected',
      reason: 'because',
      origin: { source: 'file', uri: at('gone.ndjson'), offset: 0 },
      text: JSON.stringify(payloadOf('Reverse-Shell', { event_id: id })),
    };
    await letters.write([letter]);
  }
  const sink = ['--elasticsearch', url, '--set', 'pipeline.grace=1s'];
  const args = ['--file', at('*.json'), '--state', at('state'), ...sink];
  const ended = await stopped('dead-letters', 'replay', ...args);
  expect(ended.code).toBe(4);
  expect(ledgerOf(ended)).toMatchObject({ exit_code: 4, complete: false, read: 0 });
  const { out } = await commandLine(['dead-letters', 'list', ...args]);
  expect(out.trimEnd().split('\n')).toHaveLength(2);
});

test('a command that finished says that it is complete', async () => {
  await writeFile(at('a.ndjson'), `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: 'a' }))}\n`);
  const ends = ['--file', at('*.ndjson'), ...elsewhere()];
  for (const args of [
    ['run'],
    ['backfill', '--dry-run'],
    ['backfill'],
    ['backfill'],
    ['dead-letters', 'replay'],
  ]) {
    const ended = await commandLine([...args, ...ends]);
    expect([args, ended.code, ledgerOf(ended).complete]).toEqual([args, 0, true]);
  }
  const verified = await commandLine(['verify', ...range, ...ends]);
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ complete: true });
});
