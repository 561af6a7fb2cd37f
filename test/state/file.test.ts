import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import { createFileStore } from '../../src/state/file.ts';
import type { Store } from '../../src/state/store.ts';
import { storeContract } from '../contract/store.ts';
import { testContext } from './context.ts';

let root: string;
const open = (path = root, elapsed?: number): Promise<Store> =>
  createFileStore({ type: 'file', path }, testContext(elapsed));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'state-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

storeContract('a folder', () => open(), 50);

describe('a folder as a store', () => {
  it('stops with a configuration error if it may not write', async () => {
    await writeFile(join(root, 'a-file'), '');
    const opened = open(join(root, 'a-file'));
    await expect(opened).rejects.toBeInstanceOf(ConfigError);
    await expect(opened).rejects.toThrow(join(root, 'a-file'));
  });

  it('stops at a folder in the place of a blob', async () => {
    const store = await open();
    await mkdir(join(root, 'odd', '@1'), { recursive: true });
    await expect((await open(root, 100)).get('odd')).rejects.toBeInstanceOf(ConfigError);
    expect(await store.get('other')).toBeUndefined();
  });

  it('still has the old content when a writer died before the link, and removes its temporary file', async () => {
    const place = join(root, 'crash');
    const store = await open(place);
    await store.put('blob', Buffer.from('old'));
    const scrap = join(place, '@tmp', 'left-by-a-crash');
    await writeFile(scrap, 'half of the n');
    expect((await (await open(place)).get('blob'))?.bytes.toString()).toBe('old');
    expect(await readdir(join(place, '@tmp'))).toEqual(['left-by-a-crash']);
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(scrap, longAgo, longAgo);
    await open(place);
    expect(await readdir(join(place, '@tmp'))).toEqual([]);
  });

  it('reads the newest of what a crash left between link and cleanup', async () => {
    const place = join(root, 'swept');
    const store = await open(place);
    const version = await store.put('blob', Buffer.from('old'));
    await writeFile(join(place, 'blob', '@2'), 'new');
    expect((await store.get('blob'))?.bytes.toString()).toBe('new');
    await expect(store.put('blob', Buffer.from('x'), version)).rejects.toThrow('another');
    await store.put('blob', Buffer.from('newer'));
    expect(await readdir(join(place, 'blob'))).toEqual(['@3']);
  });

  it('is not readable by others', async () => {
    const place = join(root, 'private');
    const store = await open(place);
    await store.put('a/b', Buffer.from('x'));
    const listing = spawnSync('find', [place, '-perm', '/077', '-mindepth', '1'], { encoding: 'utf8' });
    expect(listing.status).toBe(0);
    expect(listing.stdout).toBe('');
  });
});
