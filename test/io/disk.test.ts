import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, test } from '@jest/globals';
import { exitCodeOf } from '../../src/account/exit.ts';
import { openUidFile } from '../../src/commands/verify/uid-file.ts';
import { ConfigError, RetryableError, UnavailableError } from '../../src/contracts/errors.ts';
import { DISK_FAULTS, diskError, finalDiskError, makeFolder } from '../../src/io/disk.ts';
import { openDeadLetters } from '../../src/letters/dead-letters.ts';
import { ndjson } from '../../src/sinks/ndjson/index.ts';
import { createFileStore } from '../../src/state/file.ts';
import { testContext, testDocument } from '../contract/sink.ts';

const root = mkdtempSync(join(tmpdir(), 'disk-'));
const mounted: string[] = [];
const live = new AbortController().signal;

/** A small file system, or a read-only one; undefined where mounting is not allowed. */
function mount(name: string, options: string): string | undefined {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status !== 0) return undefined;
  mounted.push(path);
  return path;
}

afterEach(() => {
  for (const path of mounted.splice(0)) spawnSync('umount', ['-l', path]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const canMount = (() => {
  const works = mount('probe', 'size=64k') !== undefined;
  for (const path of mounted.splice(0)) spawnSync('umount', ['-l', path]);
  return works;
})();
const whereMounting = canMount ? describe : describe.skip;

/** How often anything was retried. */
let retries = 0;
const context = (maxElapsedMs: number) =>
  testContext({
    retry: { initialMs: 5, maxMs: 20, maxElapsedMs },
    meter: { add: (counter, by = 1) => void (retries += counter === 'retries' ? by : 0) },
  });
const store = (path: string, maxElapsedMs = 200) =>
  createFileStore({ type: 'file', path }, context(maxElapsedMs));
const sink = async (path: string, maxElapsedMs = 200) =>
  ndjson.create(ndjson.schema.parse({ path }), { ...context(maxElapsedMs) });
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as Error,
  );

describe.each(Object.entries(DISK_FAULTS))('%s', (code, { whose, fix }) => {
  const error = Object.assign(new Error('words of Node'), { code, syscall: 'open' });
  it('is one sentence with the fix, and never exit 1', () => {
    const meaning = diskError(error, 'write /path');
    expect(meaning).toBeInstanceOf(whose === 'operator' ? ConfigError : RetryableError);
    expect((meaning as Error).message).toMatch(/^write \/path: [^\n]*$/);
    expect((meaning as Error).message).toContain(`(${code}); ${fix}`);
    expect(exitCodeOf(finalDiskError(error, 'write /path'), 0)).toBe(whose === 'operator' ? 2 : 4);
  });
});

it('passes on errors that are not the operating system’s', () => {
  const bug = new TypeError('ours');
  expect(diskError(bug, 'x')).toBe(bug);
});

describe('a folder is created', () => {
  it('with all its parents, and the first one created is returned', async () => {
    expect(await makeFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
    expect(await makeFolder(join(root, 'a', 'b', 'c'))).toBeUndefined();
    expect(await makeFolder(join(root, 'a', 'b', 'd'))).toBe(join(root, 'a', 'b', 'd'));
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(root, 'many', 'at', 'once'))));
    expect(statSync(join(root, 'many', 'at', 'once')).isDirectory()).toBe(true);
  });
});

/** Places that no waiting fixes, each with a word from its message. */
const HOPELESS: readonly (readonly [string, () => string, RegExp])[] = [
  ['below /proc', () => '/proc/nowhere/deep', /allows no folder/],
  [
    'below a file',
    () => (writeFileSync(join(root, 'file'), ''), join(root, 'file', 'x', 'y')),
    /part of the path is a file/,
  ],
  ['with a name that is too long', () => join(root, 'n'.repeat(300), 'x'), /too long/],
  [
    'in a loop of symbolic links',
    () => {
      if (!existsSync(join(root, 'loop'))) {
        try {
          symlinkSync('loop', join(root, 'loop'));
        } catch {
          /* created by the test before */
        }
      }
      return join(root, 'loop', 'x');
    },
    /loop of symbolic links/,
  ],
];

describe.each(HOPELESS)('a place %s', (_, place, words) => {
  test.each<[string, (path: string) => Promise<unknown>]>([
    ['state', (path) => store(path, 60_000)],
    ['the ndjson sink', (path) => sink(join(path, 'out.ndjson'), 60_000)],
  ])('stops %s immediately and names the path', async (_, open) => {
    const path = place();
    retries = 0;
    const error = await failure(open(path));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(words);
    expect(error.message).toContain(path);
    expect(retries).toBe(0);
  });
});

whereMounting('a read-only file system', () => {
  test.each<[string, (path: string) => Promise<unknown>]>([
    ['state in a folder that has to be created', (path) => store(join(path, 'deep', 'state'), 60_000)],
    ['state in its root', (path) => store(path, 60_000)],
    ['the ndjson sink in a folder that has to be created', (path) => sink(join(path, 'deep', 'out.ndjson'))],
    [
      'the ndjson sink in its root',
      async (path) => (await sink(join(path, 'out.ndjson'))).write([testDocument('a')], live),
    ],
    ['--uids', (path) => openUidFile(join(path, 'uids.csv'))],
  ])('stops %s immediately', async (_, open) => {
    const path = mount('read-only', 'size=64k,ro') ?? '';
    const error = await failure(open(path));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/read-only|EROFS/);
  });
});

whereMounting('a full disk', () => {
  it('is waited out by state and dead letters, and named; the attempts leave no files', async () => {
    const path = mount('full', 'size=64k') ?? '';
    const state = await store(path);
    await state.put('small', Buffer.from('kept'));
    writeFileSync(join(path, 'ballast'), Buffer.alloc(36 * 1_024));
    for (const write of [
      state.put('big', Buffer.alloc(32 * 1_024)),
      state.put('small', Buffer.alloc(32 * 1_024)),
      openDeadLetters(state).write([
        {
          id: 'x',
          at: 'x',
          stage: 'decode',
          code: 'x',
          reason: 'x',
          origin: { source: 's', uri: 'u', offset: 0 },
          text: 'x'.repeat(40_000),
        },
      ]),
    ]) {
      const error = await failure(write);
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error.message).toContain('the disk is full (ENOSPC)');
      expect(error.message).toContain(path);
    }
    expect((await state.get('small'))?.bytes.toString()).toBe('kept');
    expect(execFileSync('ls', [join(path, '@tmp')]).toString()).toBe('');
    const waiting = (await store(path, 60_000)).put('big', Buffer.alloc(32 * 1_024));
    setTimeout(() => rmSync(join(path, 'ballast')), 100);
    await waiting;
    expect((await state.get('big'))?.bytes).toHaveLength(32 * 1_024);
  });

  it('is waited out by the ndjson sink, which leaves no partial line', async () => {
    const path = mount('full', 'size=64k') ?? '';
    const out = await sink(join(path, 'out.ndjson'));
    await out.write([testDocument('first')], live);
    const before = readFileSync(join(path, 'out.ndjson'));
    const big = testDocument('big', { json: Buffer.from(JSON.stringify({ id: 'x'.repeat(100_000) })) });
    const error = await failure(out.write([big], live));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toContain('the disk is full (ENOSPC)');
    expect(readFileSync(join(path, 'out.ndjson'))).toEqual(before);
  });

  it('ends --uids with exit 4', async () => {
    const path = mount('full', 'size=64k') ?? '';
    const file = await openUidFile(join(path, 'uids.csv'));
    const exported = Array.from({ length: 2_000 }, () => ({ uid: 'u'.repeat(64), kind: 'k', day: 'd' }));
    const error = await failure(file.write(exported as never));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error.message).toContain('the disk is full');
    await file.close();
  });
});
