import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { rememberedSchema } from '../../src/commands/state/remembered.ts';
import { createFileStore } from '../../src/state/file.ts';
import { acquireLease } from '../../src/state/lease.ts';
import { ndjson } from '../bench/generate.ts';
import { commandLine } from '../command-line.ts';
import { itInFull } from '../full.ts';
import { ledgerOf } from '../spawn-cli.ts';
import { silent, testContext } from '../state/context.ts';

let folder: string;
const cli = (...args: string[]) => {
  const ends = ['--file', join(folder, 'export'), '--ndjson', join(folder, 'out.ndjson')];
  return commandLine([...args, ...ends, '--state', join(folder, 'state'), '--set', 'log.level=silent']);
};

function put(name: string, text: string, modified: string): void {
  const path = join(folder, 'export', name);
  writeFileSync(path, text);
  utimesSync(path, new Date(modified), new Date(modified));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-state-'));
  mkdirSync(join(folder, 'export'));
  put('old.ndjson', ndjson(1, 0, 4), '2026-01-01');
  put('new.ndjson', ndjson(1, 4, 10), '2026-02-01');
});

it.each(['check', 'state show', 'dead-letters list', 'backfill --dry-run'])(
  '%s creates no folder: its user would own it, and the run’s user could not write there',
  async (words) => {
    await cli(...words.split(' '));
    expect(readdirSync(folder)).toEqual(['export']);
  },
);

describe('state', () => {
  it('has nothing to show, rewind, forget or adopt before the first run', async () => {
    expect((await cli('state', 'show', '--no-json')).out).toMatch(/^No checkpoint in file:.*\.\n$/);
    expect(JSON.parse((await cli('state', 'show')).out)).toMatchObject({ state: 1, checkpoints: [] });
    const rewind = await cli('state', 'rewind', '--to', '2026-01-15', '--yes');
    expect([rewind.code, rewind.err]).toEqual([2, expect.stringContaining('no checkpoint run')]);
    const forget = await cli('state', 'forget', 'run', '--yes');
    expect([forget.code, forget.err]).toEqual([
      2,
      expect.stringContaining('no checkpoint run; there are: none'),
    ]);
    const adopt = await cli('state', 'adopt', '--yes');
    expect([adopt.code, adopt.err]).toEqual([2, expect.stringContaining('no checkpoint run')]);
  });

  it('is kept by the queue when there is one', async () => {
    const queue = 'source.queue_url=https://sqs.eu-west-1.amazonaws.com/1/q';
    const ends = ['--s3', 's3://bucket/x/', '--ndjson', join(folder, 'out.ndjson'), '--set', queue];
    const { code, err } = await commandLine(['state', 'show', ...ends]);
    expect([code, err]).toEqual([2, expect.stringContaining('remembers what to read')]);
  });

  it('asks for the arguments it needs', async () => {
    expect((await cli('state', 'forget')).err).toContain('give a checkpoint or a URI');
    expect((await cli('state', 'rewind')).err).toContain('--to is required');
    expect((await cli('state', 'burn')).code).toBe(2);
  });

  it('does not touch the state of a run in progress', async () => {
    await cli('run');
    const store = await createFileStore({ type: 'file', path: join(folder, 'state') }, testContext());
    const options = { ttlMs: 60_000, renewMs: 20_000, log: silent };
    const lease = await acquireLease(store, 'run', options, () => undefined);
    expect((await cli('state', 'rewind', '--to', '2026-01-15', '--yes')).code).toBe(5);
    expect((await cli('state', 'forget', 'run', '--yes')).code).toBe(5);
    expect((await cli('state', 'adopt', '--yes')).code).toBe(5);
    expect((await cli('state', 'show')).code).toBe(0);
    await lease.release();
    expect(ledgerOf(await cli('run')).read).toBe(0);
  });

  it('shows every checkpoint, even when one is damaged', async () => {
    await cli('run');
    await cli('backfill', '--from', '2026-01-01');
    const store = await createFileStore({ type: 'file', path: join(folder, 'state') }, testContext());
    await store.put('broken/head.json', Buffer.from('{'));
    const json = await cli('state', 'show');
    expect(rememberedSchema.parse(JSON.parse(json.out)).checkpoints).toEqual([
      expect.objectContaining({ name: expect.stringMatching(/^backfill-[0-9a-f]{12}$/), clean: true }),
      { name: 'broken', error: expect.stringContaining('damaged') },
      expect.objectContaining({ name: 'run', clean: true, complete: true, changed: [] }),
    ]);
    const { code, out } = await cli('state', 'show', '--no-json');
    expect(code).toBe(0);
    expect(out).toMatch(/^run: ended cleanly\n {2}saved {5}.* ago$/m);
    expect(out).toMatch(/^backfill-[0-9a-f]{12}: ended cleanly$/m);
    expect(out).toMatch(/^broken: cannot be shown: the state broken/m);
    expect(out).toContain('files done: 2');
    expect(out).toMatch(/totals {4}read 10, delivered 10$/m);
    expect(out).toMatch(/parts {5}files \d+ bytes/);
    expect((await cli('state', 'forget', 'broken', '--yes')).code).toBe(0);
    expect((await cli('state', 'show')).out).not.toContain('broken');
  });

  it('rewinds to a time, but first says what that will cause', async () => {
    await cli('run');
    const asked = await cli('state', 'rewind', '--to', '2026-01-15');
    expect(asked.code).toBe(2);
    expect(asked.out).toMatch(
      /The next run will read 1 objects \(\d+ bytes\) modified since 2026-01-15T00:00:00.000Z again;/,
    );
    expect(asked.out).toContain('appended again');
    expect(asked.err).toContain('nothing was changed; pass --yes');
    expect(ledgerOf(await cli('run')).read).toBe(0);

    const done = await cli('state', 'rewind', '--to', '2026-01-15', '--yes');
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/1 objects[^]*done\n$/)]);
    const again = ledgerOf(await cli('run'));
    expect(again.read).toBe(6);
    expect(again.checkpoint?.totals.read).toBe(16);
    expect(ledgerOf(await cli('run')).read).toBe(0);
  });

  itInFull(
    'says how Elasticsearch and Splunk treat what is sent again',
    async () => {
      const sinks = {
        elasticsearch: [
          '{type: elasticsearch, urls: ["http://127.0.0.1:1"]}',
          'Elasticsearch drops what it already has',
        ],
        splunk: ['{type: splunk_hec, url: "http://127.0.0.1:1", token: none}', 'stepsecurity_dedup'],
      };
      for (const [name, [sink = '', words]] of Object.entries(sinks)) {
        const state = ['--state', join(folder, name), '--file', join(folder, 'export')];
        const set = ['--set', `sink=${sink}`, '--set', 'retry.max_elapsed=1ms', '--set', 'log.level=silent'];
        expect((await commandLine(['run', ...state, ...set])).code).toBe(4);
        const asked = await commandLine(['state', 'forget', 'run', ...state, ...set]);
        expect(asked.out).toContain(words);
        expect(asked.code).toBe(2);
      }
    },
    30_000,
  );

  itInFull(
    'forgets files below a path, or a whole checkpoint',
    async () => {
      await cli('run');
      const old = join(folder, 'export', 'old');
      expect((await cli('state', 'forget', join(folder, 'export', 'none'), '--yes')).code).toBe(2);
      expect((await cli('state', 'forget', old, '--yes')).code).toBe(0);
      expect(ledgerOf(await cli('run')).read).toBe(4);
      expect((await cli('state', 'forget', 'run', '--yes')).out).toContain(
        'reads everything from there again',
      );
      const all = ledgerOf(await cli('run'));
      expect(all.read).toBe(10);
      expect(all.checkpoint?.totals.read).toBe(10);
      expect(readFileSync(join(folder, 'out.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(24);
    },
    30_000,
  );

  itInFull(
    'continues with another sink, but first says what that means',
    async () => {
      await cli('run');
      put('later.ndjson', ndjson(1, 10, 13), '2026-03-01');
      const other = ['--set', `sink.path=${join(folder, 'other.ndjson')}`];
      expect((await cli('run', ...other)).code).toBe(2);
      const refused = await cli('state', 'rewind', '--to', '2026-01-15', ...other);
      expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('state adopt')]);

      const asked = await cli('state', 'adopt', ...other);
      expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('pass --yes')]);
      expect(asked.out).toMatch(
        /other\.ndjson from now on\.\nWhat was delivered to .*out\.ndjson is not sent/,
      );
      expect((await cli('run', ...other)).code).toBe(2);

      expect((await cli('state', 'adopt', 'run', '--yes', ...other)).code).toBe(0);
      const ledger = ledgerOf(await cli('run', ...other));
      expect([ledger.read, ledger.delivered]).toEqual([3, 3]);
      expect(ledger.checkpoint).toMatchObject({ clean: true, totals: { read: 13 } });
      expect((await cli('state', 'adopt', ...other)).out).toContain('already');
      expect((await cli('run')).code).toBe(2);
    },
    30_000,
  );

  it('does not adopt another source', async () => {
    await cli('run');
    const moved = ['source', 'sink'].flatMap((end) => [
      '--set',
      `${end}.path=${join(folder, `${end}-elsewhere`)}`,
    ]);
    const asked = await cli('state', 'adopt', '--yes', ...moved);
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('made for another source')]);
    expect(asked.err).not.toContain('state adopt');
  });

  it('an API source can only be forgotten as a whole', async () => {
    const set = ['--set', 'source={type: api, customer: acme, api_key: none}'];
    const asked = await cli('state', 'rewind', '--to', '2026-01-01', ...set);
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('neither time nor place')]);
  });
});
