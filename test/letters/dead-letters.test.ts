import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import { type DeadLetters, openDeadLetters } from '../../src/letters/dead-letters.ts';
import { toLetter } from '../../src/letters/letter.ts';
import { createFileStore } from '../../src/state/file.ts';
import type { Store } from '../../src/state/store.ts';
import { record } from '../pipeline/harness.ts';
import { testContext } from '../state/context.ts';

let folder: string;
let store: Store;
let letters: DeadLetters;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dead-letters-'));
  store = await createFileStore({ type: 'file', path: folder }, testContext());
  letters = openDeadLetters(store);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const files = async () => {
  const found = [];
  for await (const file of letters.files()) found.push(file);
  return found;
};
const failure = { stage: 'decode', code: 'invalid_json', reason: 'x' } as const;

describe('an edited file', () => {
  it.each(['no JSON', '{}', '{"id":1}'])('%s is reported by its path', async (line) => {
    await store.put('letters/edited.ndjson', Buffer.from(`\n${line}\n`));
    await expect(files()).rejects.toThrow(ConfigError);
    await expect(files()).rejects.toThrow('line 2 of letters/edited.ndjson');
  });
});

describe('a letter', () => {
  it('has the same id each time the same content fails, and another for another place', () => {
    const one = record();
    const id = (over: object) => toLetter({ record: one, ...failure, ...over }, '2026').id;
    expect(toLetter({ record: { ...one }, ...failure, code: 'other', reason: 'y' }, '2027').id).toBe(id({}));
    const origin = { ...one.origin };
    const others = [
      id({ index: 0 }),
      id({ index: 1 }),
      id({ uid: 'u' }),
      id({ record: { ...one, offset: one.offset + 1 } }),
      id({ record: { ...one, origin: { ...origin, uri: '/b' } } }),
      id({ record: { ...one, origin: { ...origin, version: '2' } } }),
      id({ record: { ...one, origin: { source: 'file', uri: origin.uri } } }),
    ];
    expect(new Set([id({}), ...others]).size).toBe(others.length + 1);
  });

  it('is cut if its text is very long', () => {
    expect(
      toLetter({ record: record({ text: 'x'.repeat(10_000_000) }), ...failure }, '2026').text,
    ).toHaveLength(65_536);
  });
});

describe('the store', () => {
  const made = [record(), record()].map((one) => toLetter({ record: one, ...failure }, '2026'));

  it('returns what was written; writing the same letters again overwrites them, in any order', async () => {
    await letters.write(made);
    await letters.write(made.toReversed());
    const found = await files();
    expect(found.map((file) => file.letters)).toEqual([made.toReversed()]);
    await letters.write([]);
    expect(await files()).toHaveLength(1);
  });

  it('keeps what remains, and deletes a file when nothing remains', async () => {
    await letters.write(made);
    const [file] = await files();
    if (file === undefined) throw new Error('one was written');
    const rest = await letters.replace(file, made.slice(1));
    expect((await files()).map((one) => one.letters)).toEqual([made.slice(1)]);
    if (rest === undefined) throw new Error('no other writer');
    expect(await letters.replace(rest, [])).toBeUndefined();
    expect(await files()).toEqual([]);
  });

  it('never removes what others added after it was read', async () => {
    const origin = { source: 's3', uri: 's3://b/k', version: '1' };
    const span = (offset: number) => {
      const place = { offset, index: 0 };
      return { first: place, last: place, count: 1, joined: false };
    };
    await letters.extend(origin, [span(1)]);
    const [file] = await files();
    if (file === undefined) throw new Error('one was written');
    await letters.extend(origin, [span(2)]);
    expect(await letters.replace(file, [])).toBeUndefined();
    expect((await files())[0]?.letters[0]?.rest?.count).toBe(2);
  });

  it('splits a file', async () => {
    await letters.write(made);
    const [file] = await files();
    if (file === undefined) throw new Error('one was written');
    const names = await letters.split(
      file,
      made.map((one) => [one]),
    );
    expect((await files()).map(({ name }) => name)).toEqual(names.toSorted());
    expect((await files()).flatMap((one) => one.letters)).toEqual(expect.arrayContaining(made));
  });
});
