import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Batch } from '../../../src/contracts/types.ts';
import { ObjectChangedError } from '../../../src/objects/object.ts';
import { fileSource } from '../../../src/sources/file/index.ts';
import { openFile } from '../../../src/sources/file/open.ts';
import { sourceContract } from '../../contract/source.ts';
import { testContext } from '../../objects/harness.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-source-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const put = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
};
const never = new AbortController().signal;

/** Every listed file was read, or a counter says why not. */
function expectExplained(counts: Record<string, number>): void {
  const reasons = ['read', 'known', 'ignored', 'ours', 'gone', 'changed', 'failed'];
  const sum = reasons.reduce((all, name) => all + (counts[`objects_${name}`] ?? 0), 0);
  expect(sum).toBe(counts.objects_listed ?? 0);
}

/** Runs over one path: each `run` is a new source that starts from the parts of the last one. */
function runs(path: string, more: { isOurs?: (place: string) => boolean } = {}) {
  const parts = new Map<string, Buffer>();
  const named: unknown[] = [];
  const log = {
    debug() {},
    info() {},
    error() {},
    warn: ({ object }: Record<string, unknown>) => void named.push(object),
  };
  const context = { ...testContext(), log, ...more };
  return {
    counts: context.meter.counts,
    parts,
    named,
    async run(): Promise<{ texts: string[]; faults: string[]; error?: unknown }> {
      const source = await fileSource.create(
        { type: 'file', path },
        { ...context, part: async (name) => parts.get(name) },
      );
      const batches: Batch[] = [];
      let error: unknown;
      try {
        for await (const batch of source.read(never)) batches.push(batch);
      } catch (thrown) {
        error = thrown;
      }
      for (const batch of batches) await batch.ack();
      for (const [name, part] of source.progress()) if (part) parts.set(name, part);
      expectExplained(context.meter.counts);
      const records = batches.flatMap((batch) => batch.records);
      return {
        texts: records.map((record) => record.text),
        faults: records.flatMap((record) => record.fault?.code ?? []),
        ...(error !== undefined && { error }),
      };
    },
  };
}

sourceContract('file (folder of plain, compressed and broken content)', async () => {
  const home = await mkdtemp(join(tmpdir(), 'file-contract-'));
  const texts = [
    '{"a":1}',
    '{"a":2}',
    '{"a":3}',
    'broken',
    '{"b":1}',
    '{"b":2}',
    '{"b":3}',
    '{"c":1}',
    '{"d":1}',
  ];
  await writeFile(join(home, '1.ndjson'), '{"a":1}\n{"a":2}\n{"a":3}\nbroken\n');
  await writeFile(join(home, '2.json'), gzipSync('{"b":1}\n{"b":2}\n{"b":3}'));
  await writeFile(join(home, '3.json'), '[{"c":1},\n{"d":1}]');
  return {
    texts,
    open: (parts) =>
      fileSource.create(
        { type: 'file', path: home },
        { ...testContext(), part: async (name) => parts.get(name) },
      ),
    close: () => rm(home, { recursive: true }),
  };
});

describe('paths that do not exist or cannot be read', () => {
  it('names a missing path', async () => {
    const path = join(folder, 'absent');
    await expect(runs(path).run()).rejects.toThrow(ConfigError);
    await expect(runs(path).run()).rejects.toThrow(path);
  });

  it('refuses a device or a pipe by name instead of hanging on it', async () => {
    await expect(runs('/dev/null').run()).rejects.toThrow('neither a file nor a folder');
  });

  it('refuses a checkpoint that is not its own', async () => {
    await put('a.json', '{}');
    const files = runs(folder);
    files.parts.set('files', Buffer.from('what is this'));
    await expect(files.run()).rejects.toThrow(ConfigError);
  });

  it('yields everything else, then says so, and buries a poison file in the third run', async () => {
    await put('1.json', '{"a":1}');
    const damaged = gzipSync(`{"b":1}\n${'{"c":"x"}\n'.repeat(10)}`);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 0xff;
    await put('2.gz', damaged);
    await put('3.json', '{"d":1}');
    const files = runs(folder);
    const first = await files.run();
    expect(first.texts).toEqual(expect.arrayContaining(['{"b":1}', '{"d":1}']));
    expect(first.error).toBeInstanceOf(UnavailableError);
    expect(String(first.error)).toContain('2.gz');
    const second = await files.run();
    expect(second.error).toBeInstanceOf(UnavailableError);
    const third = await files.run();
    expect(third.error).toBeUndefined();
    // What came before the damage is yielded once.
    expect([second.texts, third.texts]).toEqual([[], ['']]);
    expect(third.faults).toEqual(['object_unreadable']);
    expect(await files.run()).toEqual({ texts: [], faults: [] });
    // It failed in two runs; the third made it a dead letter and was done with it.
    expect(files.counts).toMatchObject({ objects_listed: 12, objects_read: 3, objects_failed: 2 });
    expect(files.named).toEqual(Array(3).fill(join(folder, '2.gz')));
  });

  it('names the first 20 files that fail, and says how many others there are', async () => {
    for (let i = 10; i < 37; i += 1) await put(`${i}.gz`, gzipSync(`{"n":${i}}`).subarray(0, 20));
    await put('good.json', '{"a":1}');
    const files = runs(folder);
    const { texts, error } = await files.run();
    expect(texts).toContain('{"a":1}');
    expect(String(error)).toContain('27 objects could not be read');
    expect(files.counts).toMatchObject({ objects_listed: 28, objects_read: 1, objects_failed: 27 });
    const first = Array.from({ length: 20 }, (_, i) => join(folder, `${10 + i}.gz`));
    expect(files.named).toEqual([...first, undefined]);
  });
});

describe('what is new', () => {
  it('reads a changed file again from the start, and only that file', async () => {
    const path = await put('a.json', '{"a":1}\n{"a":2}');
    await put('b.json', '{"b":1}');
    const files = runs(folder);
    await files.run();
    await writeFile(path, '{"a":1}\n{"a":3}');
    await utimes(path, 1_000, 1_000);
    expect((await files.run()).texts).toEqual(['{"a":1}', '{"a":3}']);
    await put('c.json', '{"c":1}');
    expect((await files.run()).texts).toEqual(['{"c":1}']);
    // Three runs over two, two and three files, of which two, one and one were new.
    expect(files.counts).toMatchObject({ objects_listed: 7, objects_read: 4, objects_known: 3 });
  });

  it('forgets files that are gone', async () => {
    for (let index = 0; index < 20; index += 1) await put(`${index}.json`, `{"n":${index}}`);
    const files = runs(folder);
    await files.run();
    const before = files.parts.get('files')?.length ?? 0;
    for (let index = 0; index < 10; index += 1) await rm(join(folder, `${index}.json`));
    await files.run();
    expect(before - (files.parts.get('files')?.length ?? 0)).toBe(160);
  });

  it('ignores temp.json and empty files, and counts them', async () => {
    await put('deep/temp.json', '{"test":true}');
    await put('temp.json', JSON.stringify({ big: 'x'.repeat(300) }));
    await put('empty.json', '');
    await put('deep/.hidden.json', '{"a":1}');
    const files = runs(folder);
    expect((await files.run()).texts).toEqual(['{"a":1}', expect.stringContaining('big')]);
    expect(files.counts).toMatchObject({
      objects_listed: 4,
      objects_ignored: 2,
      objects_read: 2,
    });
  });

  it('accepts a glob and a single file, in byte order', async () => {
    const one = await put('x/b.json', '{"b":1}');
    await put('x/a.json', '{"a":1}');
    await put('x/B.json', '{"B":1}');
    await put('x/no.txt', '{"no":1}');
    expect((await runs(join(folder, '**/*.json')).run()).texts).toEqual(['{"B":1}', '{"a":1}', '{"b":1}']);
    expect((await runs(one).run()).texts).toEqual(['{"b":1}']);
    expect((await runs(join(folder, '*.nothing')).run()).texts).toEqual([]);
  });
});

/** Runs `work` as a user who may not read everything, since root may. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a folder with all kinds of entries', () => {
  it('reads names of all kinds, and follows links, each folder once', async () => {
    const names = ['\nx.json', 'a\nb.json', ' ', '*?[x].json', '{a,b}', '\\', 'é/😀', '.h/.i'];
    for (const name of names) await put(name, JSON.stringify({ name }));
    await symlink(folder, join(folder, 'loop'));
    await symlink(join(folder, 'é'), join(folder, 'also'));
    await symlink('self', join(folder, 'self'));
    await symlink('nowhere', join(folder, 'dangling'));
    const files = runs(folder);
    const { texts, error } = await files.run();
    expect(texts).toHaveLength(names.length + 1);
    expect(new Set(texts.map((text) => JSON.parse(text).name))).toEqual(new Set(names));
    expect(String(error)).toMatch(/1 object could not be read.*self: .*ELOOP/);
    expect(files.counts).toMatchObject({ objects_gone: 1 });
  });

  it('names a pipe and does not wait for it, even when it takes the place of a file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await put('a.json', '{"a":1}');
    const files = runs(folder);
    expect(await files.run()).toEqual({ texts: ['{"a":1}'], faults: [] });
    expect([files.named, files.counts.objects_ignored]).toEqual([[join(folder, 'pipe')], 1]);
    for (const size of [7, 2 ** 20]) {
      const ref = { uri: 'u', key: join(folder, 'pipe'), version: 'v', size, modified: 0 };
      await expect(openFile(ref, 0, never)).rejects.toThrow(ObjectChangedError);
    }
  });

  it('names entries whose name is not UTF-8', async () => {
    await put('a.json', '{"a":1}');
    await writeFile(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]), '{"x":1}');
    await mkdir(Buffer.concat([Buffer.from(`${folder}/d`), Buffer.from([0xfe])]));
    const { texts, error } = await runs(folder).run();
    expect(texts).toEqual(['{"a":1}']);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toMatch(/UTF-8|could not be listed/);
  });

  it.each([
    ['a folder', ''],
    ['a glob', '**/*.json'],
  ])(
    'reads everything else in %s when a part of it cannot be listed, says so and forgets nothing',
    async (_, glob) => {
      await chmod(folder, 0o755);
      await put('a.json', '{"a":1}');
      await put('closed/b.json', '{"b":1}');
      const files = runs(join(folder, glob));
      expect((await files.run()).texts).toEqual(['{"a":1}', '{"b":1}']);
      await put('c.json', '{"c":1}');
      await chmod(join(folder, 'closed'), 0);
      const closed = await asNobody(() => files.run());
      expect(closed.texts).toEqual(['{"c":1}']);
      expect(String(closed.error)).toMatch(
        /^UnavailableError: 1 folder could not be listed, for example .*closed.*EACCES/,
      );
      await chmod(join(folder, 'closed'), 0o755);
      expect(await files.run()).toEqual({ texts: [], faults: [] });
    },
  );

  it('skips files where this configuration writes, and counts them', async () => {
    await put('a.json', '{"a":1}');
    await put('state/run/@1', '{"s":1}');
    await symlink(join(folder, 'state'), join(folder, 'link'));
    const files = runs(folder, { isOurs: (place) => place.startsWith(join(folder, 'state/')) });
    expect((await files.run()).texts).toEqual(['{"a":1}']);
    expect(files.counts).toMatchObject({ objects_ours: 2, objects_listed: 3, objects_read: 1 });
  });
});

describe('standard input', () => {
  it('yields what came before more arrives, and keeps no state', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)']);
    child.stdin.write('{"a":1}\n');
    const { readStdin } = await import('../../../src/sources/file/stdin.ts');
    const source = readStdin(child.stdout, { ...testContext(), stop: never });
    const first = await source.next();
    expect(first.value?.records[0]?.text).toBe('{"a":1}');
    expect(first.value?.records[0]?.origin).toEqual({ source: 'stdin', uri: 'stdin' });
    child.stdin.end('{"a":2}');
    const second = await source.next();
    expect(second.value?.records[0]?.text).toBe('{"a":2}');
    expect((await source.next()).done).toBe(true);
  });

  it('ends on stop even if nothing arrives', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const stop = new AbortController();
    const { readStdin } = await import('../../../src/sources/file/stdin.ts');
    const source = readStdin(child.stdout, { ...testContext(), stop: stop.signal });
    setTimeout(() => stop.abort(), 50);
    expect((await source.next()).done).toBe(true);
    child.kill();
  });
});

it('warns once about a folder or pattern without a file, but not about one whose files are known', async () => {
  const places: unknown[] = [];
  const warn = ({ place }: Record<string, unknown>): void => void places.push(place);
  const quiet = (): void => undefined;
  const context = { ...testContext(), log: { debug: quiet, info: quiet, error: quiet, warn } };
  const readTwice = async (path: string): Promise<void> => {
    const source = await fileSource.create(
      { type: 'file', path },
      { ...context, part: async () => undefined },
    );
    for (const _ of [1, 2]) for await (const batch of source.read(never)) await batch.ack();
  };
  await readTwice(folder);
  await readTwice(join(folder, '*.json'));
  expect(places).toEqual([folder, join(folder, '*.json')]);
  await put('a.json', '{}');
  await readTwice(folder);
  expect(places).toHaveLength(2);
});
