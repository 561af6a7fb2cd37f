import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Verification, verificationSchema } from '../../src/commands/verify/verification.ts';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { itInFull } from '../full.ts';
import { type ScriptedS3, scriptedS3 } from '../scripted/s3.ts';
import { type Finished, ledgerOf } from '../spawn-cli.ts';
import { scriptedS3 as scriptedState } from '../state/scripted-s3.ts';

/** How each command handles a server whose listing breaks off, for the export and for the state. */

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const RANGE = ['--from', '2025-01-01', '--to', '2026-01-01'];
const env = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

let folder: string;
let s3: ScriptedS3;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broken-listing-'));
  s3 = await scriptedS3();
  s3.pageSize = 2;
  for (const id of KEYS) s3.put(id, `${JSON.stringify(payloadOf('Reverse-Shell', { event_id: id }))}\n`);
});
afterEach(async () => {
  await s3.close();
  await rm(folder, { recursive: true, force: true });
});
jest.setTimeout(120_000);

const at = (name: string): string => join(folder, name);
const bucket = () => ['--s3', 's3://scripted/', '--endpoint', s3.url, '--ndjson', at('out/')];
const onDisk = () => [...bucket(), '--state', at('state')];
const program = (command: readonly string[], ends: readonly string[]): Promise<Finished> =>
  commandLine([...command, ...ends], { env });

/** The page says that there is more, but not how to get it. */
const breakListing = (): void => {
  s3.turn = (page) => {
    page.token = undefined;
  };
};
const mendListing = (): void => {
  s3.turn = () => undefined;
};

async function linesOut(): Promise<number> {
  let lines = 0;
  for (const name of await readdir(at('out')).catch(() => []))
    lines += (await readFile(join(at('out'), name), 'utf8')).trimEnd().split('\n').length;
  return lines;
}

const accountOf = ({ out }: Finished): Verification =>
  verificationSchema.parse(JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''));

function expectBroken(finished: Finished): void {
  expect(finished.code).toBe(4);
  expect(finished.err).toContain('does not give the whole list');
  expect(finished.err).not.toMatch(/^\s+at /m);
}

describe('for the export', () => {
  it('run, twice: exit 4, and nothing after the break is treated as read', async () => {
    breakListing();
    for (const read of [2, 0]) {
      const ended = await program(['run'], onDisk());
      expectBroken(ended);
      expect(ledgerOf(ended)).toMatchObject({ exit_code: 4, complete: false, read });
      const shown = await program(['state', 'show'], onDisk());
      expect(shown.out).toContain('never fully listed: the next run lists everything');
    }
    mendListing();
    const whole = await program(['run'], onDisk());
    expect(ledgerOf(whole)).toMatchObject({ exit_code: 0, complete: true, read: 3 });
    expect(await linesOut()).toBe(KEYS.length);
  });

  it('backfill, twice: exit 4, and it is not finished', async () => {
    breakListing();
    for (const read of [2, 0]) {
      const ended = await program(['backfill', ...RANGE], onDisk());
      expectBroken(ended);
      expect(ledgerOf(ended)).toMatchObject({ exit_code: 4, complete: false, read });
    }
    mendListing();
    const whole = await program(['backfill', ...RANGE], onDisk());
    expect(ledgerOf(whole)).toMatchObject({ exit_code: 0, complete: true });
    expect(await linesOut()).toBe(KEYS.length);
  });

  it('a dry run: exit 4', async () => {
    breakListing();
    const ended = await program(['backfill', '--dry-run', ...RANGE], onDisk());
    expectBroken(ended);
    expect(ledgerOf(ended)).toMatchObject({ exit_code: 4, complete: false, dry_run: true });
  });

  it('verify: exit 4, nothing is reported missing, and nothing is sent again', async () => {
    expect((await program(['run'], onDisk())).code).toBe(0);
    breakListing();
    for (const repair of [[], ['--repair']]) {
      const ended = await program(['verify', ...RANGE, ...repair], onDisk());
      expectBroken(ended);
      expect(accountOf(ended)).toMatchObject({ exit_code: 4, complete: false, exported: 2, stored: 2 });
      expect(ended.err).not.toContain('missing');
    }
    expect(await linesOut()).toBe(KEYS.length);
  });
});

describe('for a state in S3', () => {
  itInFull('every command that lists it: exit 4, and it claims nothing', async () => {
    const state = await scriptedState();
    try {
      const options = {
        type: 's3',
        bucket: 'state',
        prefix: 'p',
        endpoint: state.endpoint,
        force_path_style: true,
      };
      const ends = [...bucket(), '--set', `state=${JSON.stringify(options)}`];
      s3.put('f', 'no JSON\n');
      expect((await program(['run'], ends)).code).toBe(3);
      const before = await linesOut();

      state.turn = () => '<IsTruncated>true</IsTruncated>';
      for (const command of ['run', 'state show', 'dead-letters list', 'dead-letters replay']) {
        const ended = await program(command.split(' '), ends);
        expect([command, ended.code]).toEqual([command, 4]);
        expectBroken(ended);
        // Letters are printed as they come, so the ones before the break are there.
        if (command === 'state show') expect(ended.out).toBe('');
        if (command === 'run')
          expect(ledgerOf(ended)).toMatchObject({ exit_code: 4, complete: false, read: 0 });
      }
      // The list of letters decides what is missing.
      for (const repair of [[], ['--repair']]) {
        const verified = await program(['verify', ...RANGE, ...repair], ends);
        expectBroken(verified);
        expect(accountOf(verified)).toMatchObject({ exit_code: 4, complete: false, missing: 0, repaired: 0 });
      }

      state.turn = () => '<IsTruncated>false</IsTruncated>';
      expect((await program(['dead-letters', 'list'], ends)).out.match(/"id":/g)).toHaveLength(1);
      expect(ledgerOf(await program(['run'], ends))).toMatchObject({ exit_code: 0, complete: true, read: 0 });
      expect(await linesOut()).toBe(before);
    } finally {
      await state.close();
    }
  });
});
