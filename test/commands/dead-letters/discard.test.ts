import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { chooseLetters } from '../../../src/commands/dead-letters/choice.ts';
import { parseChoice } from '../../../src/commands/dead-letters/choice-argument.ts';
import type { ChoiceFlags } from '../../../src/commands/dead-letters/choice-flags.ts';
import { verificationSchema } from '../../../src/commands/verify/verification.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { type DeadLetters, openDeadLetters } from '../../../src/letters/dead-letters.ts';
import { type DeadLetter, shownLetter } from '../../../src/letters/letter.ts';
import { createFileStore } from '../../../src/state/file.ts';
import { acquireLease } from '../../../src/state/lease.ts';
import type { Store } from '../../../src/state/store.ts';
import { commandLine } from '../../command-line.ts';
import { payloadOf, TOKENS } from '../../detections/harness.ts';
import { ledgerOf } from '../../spawn-cli.ts';
import { silent, testContext } from '../../state/context.ts';

let folder: string;
let store: Store;
let letters: DeadLetters;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discard-'));
  await writeFile(at('in.ndjson'), '');
  store = await createFileStore({ type: 'file', path: at('state/dead-letters') }, testContext());
  letters = openDeadLetters(store);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const command = (action: string, ...words: readonly string[]) =>
  commandLine([
    'dead-letters',
    action,
    ...words,
    '--file',
    at('in.ndjson'),
    '--ndjson',
    at('out.ndjson'),
    '--state',
    at('state'),
  ]);

const letter = (id: string, over: Partial<DeadLetter> = {}, uri = `s3://b/2026/${id}`): DeadLetter => ({
  id: id.repeat(32),
  at: new Date().toISOString(),
  stage: 'decode',
  code: 'invalid_json',
  reason: 'x',
  origin: { source: 's3', uri, version: '1', offset: 0 },
  text: 'content',
  ...over,
});
const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

const left = async (): Promise<string> => {
  const ids: string[] = [];
  for await (const file of letters.files()) ids.push(...file.letters.map(({ id }) => id.slice(0, 1)));
  return ids.sort().join('');
};
const traces = async () => {
  const found = [];
  for await (const trace of letters.discarded()) found.push(trace);
  return found;
};

/** Letters that differ in everything a command can select by. */
const FIRST = [
  letter('a', { stage: 'write', code: 'rejected', kind: 'Reverse-Shell', uid: 'u1', at: ago(40) }),
  letter('b', { stage: 'write', code: 'rejected', kind: 'Domain-Blocked', uid: 'u2', at: ago(3) }),
];
const SECOND = [
  letter('c', { at: ago(31) }),
  letter('d', { stage: 'read', code: 'bad_gzip', whole: true }, 's3://b/2025/x.gz'),
  letter('e', {
    rest: {
      count: 5,
      last: 9,
      spans: [
        [
          [0, 0],
          [9, 0],
        ],
      ],
    },
  }),
];

/** Split over two files. */
async function write(): Promise<void> {
  await letters.write(FIRST);
  await letters.write(SECOND);
}

describe('letters are selected', () => {
  test.each<[ChoiceFlags, string]>([
    [{}, 'abcde'],
    [{ kind: ['Reverse-Shell'] }, 'a'],
    [{ kind: ['Reverse-Shell', 'Domain-Blocked'] }, 'ab'],
    [{ kind: ['(undecodable)'] }, 'cde'],
    [{ stage: ['write'] }, 'ab'],
    [{ reason: ['bad_gzip', 'rejected'] }, 'abd'],
    [{ origin: ['s3://b/2025/'] }, 'd'],
    [{ origin: ['s3://b/*/c'] }, 'c'],
    [{ origin: ['**.gz'] }, 'd'],
    [{ 'older-than': '30d' }, 'ac'],
    [{ 'newer-than': '4d' }, 'bde'],
    [{ 'older-than': '2d', 'newer-than': '35d' }, 'bc'],
    [{ 'older-than': '30d', stage: ['write'] }, 'a'],
    [{ ids: ['aa', 'bb'] }, 'ab'],
    [{ ids: ['aa', 'bb'], kind: ['Domain-Blocked'] }, 'b'],
  ])('by %j', (flags, chosen) => {
    const found = [...FIRST, ...SECOND].filter(chooseLetters(parseChoice(flags)));
    expect(found.map(({ id }) => id.slice(0, 1)).join('')).toBe(chosen);
  });

  test('by a name as it is shown, even when it is masked', () => {
    const token = TOKENS.npm ?? '';
    const hidden = letter('a', {}, `s3://b/${token}/x`);
    const shown = shownLetter(hidden).origin.uri;
    expect(shown).not.toContain(token);
    expect(chooseLetters({ origins: [shown] })(hidden)).toBe(true);
  });

  test('by the same flags in list and discard', async () => {
    await write();
    const words = ['--stage', 'write', '--older-than', '30d'];
    const listed = await command('list', ...words);
    expect(listed.out).toContain('aaaaaaaa');
    expect(listed.out).not.toMatch(/bbbbbbbb|cccccccc/);
    const { code, err } = await command('discard', '--yes', ...words);
    expect([code, err.split('\n').slice(0, 2)]).toEqual([
      0,
      ['1 dead letter:', '  1 × rejected (Reverse-Shell)'],
    ]);
    expect(await left()).toBe('bcde');
  });

  test('for replay, which does not touch the others', async () => {
    await writeFile(at('in.ndjson'), '');
    const text = JSON.stringify(payloadOf('Reverse-Shell'));
    await letters.write([letter('a', { text }), letter('b', { text }), letter('c', { text })]);
    expect(ledgerOf(await command('replay', 'bb')).delivered).toBe(1);
    expect(ledgerOf(await command('replay', '--origin', 's3://b/2026/c')).read).toBe(1);
    expect(await left()).toBe('a');
  });

  test.each<[string, ...string[]]>([
    ['list', '--older-than', 'yesterday'],
    ['discard', '--origin', 's3://b/[x]*'],
    ['discard', '--stage', 'middle'],
    ['replay', 'zz'],
    ['discard', 'zz', '--yes'],
    ['discard', 'aa', 'zz', '--yes'],
    ['show', 'zz'],
  ])('%s %s %s: a mistake is exit 2 and changes nothing', async (action, ...words) => {
    await write();
    const { code, err } = await command(action, ...words);
    expect(code).toBe(2);
    expect(err).toMatch(/--older-than|--origin|Choices|begins with \\*"zz/);
    expect(await left()).toBe('abcde');
  });
});

describe('discard', () => {
  test('accounts for what it removes, and keeps none of the content', async () => {
    await write();
    const done = await command('discard', '--yes', '--older-than', '0s');
    expect(ledgerOf(done)).toMatchObject({
      command: 'discard',
      exit_code: 0,
      complete: true,
      read: 9,
      filtered: 9,
      filters: { discarded: 9 },
      kinds: { 'Reverse-Shell': { filtered: 1 }, '(undecodable)': { filtered: 7 } },
    });
    const kept = await traces();
    expect(
      kept
        .map(({ id }) => id.slice(0, 1))
        .sort()
        .join(''),
    ).toBe('abcde');
    expect(JSON.stringify(kept)).not.toContain('content');
    expect((await command('list')).out).toBe('');
    const shown = await command('list', '--no-json', '--stage', 'decode');
    expect(shown.out).toBe('No dead letters.\n\nDiscarded earlier: 6 detections.\n');
  });

  test('keeps everything when the answer is no', async () => {
    await write();
    // Needed because command-line.ts puts its own log in the place of the program's.
    const { discard } = await import('../../../src/commands/dead-letters/discard.ts');
    const said: string[] = [];
    const { routeOf } = await import('../../../src/config/route.ts');
    const route = routeOf(
      configSchema.parse({
        source: { type: 'file', path: at('in.ndjson') },
        sink: { type: 'ndjson', path: at('out.ndjson') },
        state: { type: 'file', path: at('state') },
        log: { level: 'silent' },
      }),
    );
    const code = await discard({
      route,
      choice: { stages: ['read'] },
      agree: async () => false,
      say: (line) => said.push(line),
      report: (ledger) => said.push(JSON.stringify(ledger)),
    });
    expect([code, said]).toEqual([0, ['1 dead letter:', '  1 × bad_gzip (read)', 'nothing was changed']]);
    expect(await left()).toBe('abcde');
  });

  test.each<[string[], RegExp]>([
    [[], /choose letters/],
    [['--yes'], /choose letters/],
    [['--stage', 'write'], /nothing was changed; pass --yes/],
  ])('%j refuses', async (words, message) => {
    await write();
    const { code, out, err } = await command('discard', ...words);
    expect(code).toBe(2);
    expect(`${out}${err}`).toMatch(message);
    expect(await left()).toBe('abcde');
  });

  test('says so when there is nothing to do', async () => {
    const { code, err } = await command('discard', '--yes', '--kind', 'Nothing');
    expect([code, err.split('\n')[0]]).toEqual([0, 'no dead letter matches']);
  });

  test('does not wait for a run: exit 5, nothing changed', async () => {
    await write();
    const state = await createFileStore({ type: 'file', path: at('state') }, testContext());
    const lease = await acquireLease(
      state,
      'run',
      { ttlMs: 60_000, renewMs: 20_000, log: silent },
      () => undefined,
    );
    expect((await command('discard', '--yes', 'aa')).code).toBe(5);
    await lease.release();
    expect(await left()).toBe('abcde');
  });

  test('after a kill in between, the letter is still there and goes the next time', async () => {
    await write();
    const dying: Store = {
      ...store,
      put: (name, ...rest) =>
        name.startsWith('letters/') ? Promise.reject(new Error('killed')) : store.put(name, ...rest),
    };
    const [file] = await filesOf();
    await expect(openDeadLetters(dying).discard(file ?? '', () => true)).rejects.toThrow('killed');
    expect(await left()).toBe('abcde');
    expect((await command('discard', '--yes', '--older-than', '0s')).code).toBe(0);
    expect(await left()).toBe('');
    expect(new Set((await traces()).map(({ id }) => id)).size).toBe(5);
  });

  test('keeps what others add to a file meanwhile', async () => {
    const origin = { source: 's3', uri: 's3://b/x', version: '1' };
    const span = (offset: number) => ({
      first: { offset, index: 0 },
      last: { offset, index: 0 },
      count: 1,
      joined: false,
    });
    await letters.extend(origin, [span(1)]);
    const [name = ''] = await filesOf();
    let added = false;
    const busy: Store = {
      ...store,
      put: async (file, bytes, expected) => {
        if (file === name && !added) {
          added = true;
          await letters.extend(origin, [span(7)]);
        }
        return store.put(file, bytes, expected);
      },
    };
    const gone = await openDeadLetters(busy).discard(name, () => true);
    // It is the same letter and was selected; the journal entry is what was removed.
    expect(gone.map(({ rest }) => rest?.count)).toEqual([2]);
    expect(await left()).toBe('');
  });
});

const filesOf = async (): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name } of letters.files()) names.push(name);
  return names;
};

it('verify explains what was discarded and does not send it again', async () => {
  const flags = ['--file', at('in.ndjson'), '--ndjson', at('out.ndjson'), '--state', at('state')];
  await writeFile(at('in.ndjson'), `${JSON.stringify(payloadOf('Reverse-Shell'))}\n{"id":7}\n`);
  expect((await commandLine(['run', ...flags])).code).toBe(3);
  expect((await command('discard', '--yes', '--reason', 'missing_id')).code).toBe(0);
  const verified = await commandLine([
    'verify',
    ...flags,
    '--from',
    '2020-01-01',
    '--to',
    '2030-01-01',
    '--repair',
  ]);
  const account = verificationSchema.parse(JSON.parse(verified.out.trim().split('\n').at(-1) ?? ''));
  expect(account).toMatchObject({ exit_code: 0, exported: 2, discarded: 1, missing: 0, dead_lettered: 0 });
  expect(await readFile(at('out.ndjson'), 'utf8')).toMatch(/^[^\n]+\n$/);
});
