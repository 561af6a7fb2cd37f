import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import { batches } from '../../src/objects/batches.ts';
import { objectId } from '../../src/objects/identity.ts';
import {
  type Chunk,
  ObjectChangedError,
  ObjectGoneError,
  type ObjectRef,
  ObjectUnreadableError,
  type OpenObject,
  type ResumePoint,
} from '../../src/objects/object.ts';
import { type ReadOptions } from '../../src/objects/read-options.ts';
import { readObjects } from '../../src/objects/reader.ts';
import { itInFull } from '../full.ts';
import { ROOT } from '../markdown.ts';
import { gather, testContext } from './harness.ts';

const run = promisify(execFile);

type Contents = Record<string, Buffer | string | Error>;

const refOf = (key: string, content: Buffer | string | Error): ObjectRef => ({
  uri: `mem:${key}`,
  key,
  version: 'v1',
  size: content instanceof Error ? 10 : Buffer.from(content).length,
  modified: 0,
});

async function* listed(contents: Contents): AsyncGenerator<ObjectRef> {
  for (const [key, content] of Object.entries(contents)) yield refOf(key, content);
}

const serve =
  (contents: Contents): OpenObject =>
  async (ref, start) => {
    const content = contents[ref.key] ?? new ObjectGoneError('gone');
    if (content instanceof Error) throw content;
    return Readable.from([Buffer.from(content).subarray(start)]);
  };

const optionsFor = (contents: Contents, more: Partial<ReadOptions> = {}): ReadOptions => ({
  ...testContext(),
  batch: { maxBytes: 2 ** 20, maxRecords: 1_000 },
  source: 'file',
  open: serve(contents),
  stop: new AbortController().signal,
  ...more,
});

const read = (contents: Contents, more: Partial<ReadOptions> = {}): Promise<Chunk[]> =>
  gather(readObjects(listed(contents), optionsFor(contents, more)));
const textsOf = (chunks: readonly Chunk[]): string[] =>
  chunks.flatMap(({ records }) => records.map(({ text }) => text));
const unreadable = new ObjectUnreadableError({ code: 'denied', reason: 'refused' });

describe('objects that fail', () => {
  it('tells missed objects from failed ones, and reads the rest in order', async () => {
    const chunks = await read({
      a: '{"a":1}',
      b: new ObjectGoneError('gone'),
      c: new ObjectChangedError('changed'),
      d: unreadable,
      e: gzipSync('{"e":1}\n{"e":2}').subarray(0, 25),
      f: '{"f":1}',
    });
    // On a busy machine the pause between two objects can be long enough to send what is there.
    expect(chunks.flatMap(({ done }) => done).map(({ key }) => key)).toEqual(['a', 'f']);
    expect(chunks.flatMap(({ missed }) => missed).map(({ key }) => key)).toEqual(['b', 'c']);
    expect(chunks.flatMap(({ failed }) => failed).map(({ ref, fault }) => [ref.key, fault.code])).toEqual([
      ['d', 'denied'],
      ['e', 'bad_gzip'],
    ]);
  });

  it('yields what came before the whole source failed, then throws that error', async () => {
    const contents = { a: '{"a":1}', b: new UnavailableError('away'), c: '{"c":1}' };
    const seen: Chunk[] = [];
    const reading = (async () => {
      for await (const chunk of readObjects(listed(contents), optionsFor(contents))) seen.push(chunk);
    })();
    await expect(reading).rejects.toThrow('away');
    expect(textsOf(seen)).toEqual(['{"a":1}']);
  });

  it('ends content over a cap with one record that says so, and is done', async () => {
    const { limits } = testContext();
    const chunks = await read(
      { a: '{"a":1}\n{"a":2}\n'.repeat(10_000), b: '{"b":1}' },
      { limits: { ...limits, objectBytes: 20 } },
    );
    const records = chunks.flatMap((chunk) => chunk.records);
    expect(records.map(({ fault }) => fault?.code)).toEqual(['object_too_large', undefined]);
    expect(chunks.flatMap(({ done }) => done.map(({ key }) => key))).toEqual(['a', 'b']);
  });

  test.each([
    ['a zstd window over the cap', 'zstd_window_too_large', [0x28, 0xb5, 0x2f, 0xfd, 0, 0x69, 1, 0, 0]],
    ['a format that is not supported', 'unsupported_compression', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ])('ends %s with one record that says so, and is done', async (_name, code, bytes) => {
    const chunks = await read({ a: Buffer.from(bytes), b: '{"b":1}' });
    const records = chunks.flatMap((chunk) => chunk.records);
    expect(records.map(({ fault, offset }) => [fault?.code, offset])).toEqual([
      [code, 0],
      [undefined, 0],
    ]);
    expect(chunks.flatMap(({ done }) => done.map(({ key }) => key))).toEqual(['a', 'b']);
    expect(chunks.flatMap(({ failed }) => failed)).toEqual([]);
  });

  test.each(['plain', 'gzip'])('continues where a %s body broke off, on a new connection', async (kind) => {
    const text = Array.from({ length: 5_000 }, (_, n) => `{"n":${n},"s":"${Math.sin(n)}"}`).join('\n');
    const content = kind === 'gzip' ? gzipSync(text) : Buffer.from(text);
    const starts: number[] = [];
    const open: OpenObject = async (_ref, start) => {
      starts.push(start);
      return Readable.from(
        (async function* () {
          yield content.subarray(start, start + 20_000);
          if (start + 20_000 < content.length) throw new Error('socket hang up');
        })(),
      );
    };
    const chunks = await read({ a: content }, { open });
    expect(textsOf(chunks).join('\n')).toBe(text);
    expect(starts.slice(0, 3)).toEqual([0, 20_000, 40_000]);
  });

  it('gives up if a body always ends too early', async () => {
    const open: OpenObject = async () => Readable.from([]);
    const policy = { initialMs: 1, maxMs: 2, maxElapsedMs: 20 };
    await expect(read({ a: '{}' }, { open, retry: policy })).rejects.toThrow(UnavailableError);
  });

  it('ends soon after stop and closes every body', async () => {
    const stop = new AbortController();
    const open: Readable[] = [];
    const hang: OpenObject = async () => {
      const body = new Readable({ read() {} });
      body.push('{"a":1}\n{"b"');
      open.push(body);
      return body;
    };
    const big = { ...refOf('big', ''), size: 2 ** 30 };
    async function* refs(): AsyncGenerator<ObjectRef> {
      yield big;
      yield refOf('small', '{"small":true}');
      yield refOf('other', '{"small":true}');
    }
    const chunks: Chunk[] = [];
    for await (const chunk of readObjects(refs(), optionsFor({}, { open: hang, stop: stop.signal }))) {
      chunks.push(chunk);
      stop.abort();
    }
    expect(textsOf(chunks)).toEqual(['{"a":1}']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(open.length).toBeGreaterThan(1);
    expect(open.map((body) => body.destroyed)).toEqual(open.map(() => true));
  });

  it('closes every body when its consumer leaves, and throws the reason for an abort', async () => {
    const abort = new AbortController();
    const contents = { a: '{"a":1}', b: '{"b":1}' };
    const reading = (async () => {
      const batch = { maxBytes: 10, maxRecords: 1 };
      for await (const { records } of readObjects(
        listed(contents),
        optionsFor(contents, { abort: abort.signal, batch }),
      )) {
        expect(records).toHaveLength(1);
        abort.abort(new Error('lease lost'));
      }
    })();
    await expect(reading).rejects.toThrow('lease lost');
  });
});

describe('chunks and resume points', () => {
  it('span small objects, within limits', async () => {
    const contents: Contents = {};
    for (let n = 0; n < 500; n += 1) contents[`k${n}`] = `{"n":${n}}\n{"m":${n}}`;
    const chunks = await read(contents, { batch: { maxBytes: 2_000, maxRecords: 100 } });
    expect(textsOf(chunks)).toEqual(
      Object.values(contents).flatMap((content) => String(content).split('\n')),
    );
    expect(chunks.length).toBeLessThan(20);
    for (const { records, bytes } of chunks) {
      expect(records.length).toBeLessThanOrEqual(100);
      expect(bytes).toBeLessThanOrEqual(2_000);
    }
    expect(chunks.flatMap(({ done }) => done)).toHaveLength(500);
  });

  const long = Array.from({ length: 300 }, (_, n) => `{"n":${n},"s":"\u00e9"}`);
  test.each<[string, Buffer]>([
    ['NDJSON', Buffer.from(long.join('\n'))],
    ['an array', Buffer.from(`[\n${long.join(',\n')}\n]`)],
    ['joined documents', Buffer.from(long.join(''))],
    ['gzip', gzipSync(long.join('\n'))],
  ])('continue after any chunk of %s', async (name, content) => {
    const all = await read({ a: content }, { batch: { maxBytes: 1_000, maxRecords: 7 } });
    const opened: number[] = [];
    for (const at of [0, 1, 20, all.length - 2]) {
      const point = all[at]?.resume as ResumePoint;
      const open: OpenObject = async (ref, start, signal) => {
        opened.push(start);
        return serve({ a: content })(ref, start, signal);
      };
      const rest = await read({ a: content }, { open, resume: () => point });
      expect(textsOf(rest)).toEqual(long.slice(point.records));
      expect(rest.at(-1)?.done).toHaveLength(1);
    }
    expect(opened.every((start) => start > 0)).toBe(name !== 'gzip');
    const other = { ...(all[1]?.resume as ResumePoint), version: 'v0' };
    expect(textsOf(await read({ a: content }, { resume: () => other }))).toEqual(long);
  });

  it('finish an object when everything in it was acked', async () => {
    const resume = (): ResumePoint => ({ key: 'a', version: 'v1', records: 1, offset: 7 });
    const chunks = await read({ a: '{"a":1}' }, { resume });
    expect(textsOf(chunks)).toEqual([]);
    expect(chunks[0]?.done).toHaveLength(1);
  });

  itInFull('reads 300 MB in little memory', async () => {
    // In its own process, since memory left by other tests here says nothing about the reader.
    const folder = mkdtempSync(join(tmpdir(), 'reader-'));
    const reader = join(folder, 'reader.mjs');
    const bundler = join(ROOT, 'node_modules/.bin/esbuild');
    const how = ['--bundle', '--format=esm', '--platform=node', '--log-level=error', `--outfile=${reader}`];
    await run(bundler, ['src/objects/reader.ts', ...how], { cwd: ROOT });
    const peak = new URL('../bench/peak.js', import.meta.url).href;
    const script = `
      import { Readable } from 'node:stream';
      import { readObjects } from ${JSON.stringify(reader)};
      import { peakMiB } from ${JSON.stringify(peak)};
      const piece = Buffer.from((JSON.stringify({ a: 'x'.repeat(1000) }) + ',\\n').repeat(1000));
      async function* content() {
        yield Buffer.from('[');
        for (let n = 0; n < 300; n += 1) yield piece;
        yield Buffer.from('{}]');
      }
      async function* refs() {
        yield { uri: 'mem:big', key: 'big', version: 'v1', size: 300 * piece.length + 4, modified: 0 };
      }
      const never = new AbortController().signal;
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const options = {
        source: 'file', open: async () => Readable.from(content()), stop: never, abort: never, log,
        meter: { add() {} }, retry: { initialMs: 1, maxMs: 1, maxElapsedMs: 1 },
        batch: { maxBytes: 1_500_000, maxRecords: 10_000 },
        limits: { recordBytes: 1e7, objectBytes: 1e10, expansion: 200 },
      };
      let count = 0;
      for await (const { records } of readObjects(refs(), options)) count += records.length;
      console.log(JSON.stringify({ count, peak: peakMiB() }));
    `;
    const { stdout } = await run(
      process.execPath,
      ['--max-old-space-size=64', '--input-type=module', '--eval', script],
      { env: { ...process.env, NODE_OPTIONS: '' } },
    );
    rmSync(folder, { recursive: true });
    const read = JSON.parse(stdout) as { count: number; peak: number };
    expect(read.count).toBe(300_001);
    expect(read.peak).toBeLessThan(128);
  });
});

describe('batches', () => {
  const chunk = (key: string, more: Partial<Chunk> = {}): Chunk => ({
    records: [{ text: key, origin: { source: 'file', uri: key }, offset: 0 }],
    bytes: 1,
    done: [refOf(key, 'x')],
    failed: [],
    missed: [],
    ...more,
  });
  async function* from(chunks: Chunk[]): AsyncGenerator<Chunk> {
    yield* chunks;
  }

  it('settles in order whatever the order of acks, and settles objects without records with what comes before them', async () => {
    const settled: string[] = [];
    const settle = ({ done }: Chunk): void => void settled.push(...done.map(({ key }) => key));
    const given = await gather(
      batches(from([chunk('a'), chunk('b', { records: [] }), chunk('c'), chunk('d')]), {
        source: 'file',
        attempts: new Map(),
        settle,
      }),
    );
    expect(given).toHaveLength(3);
    await given[1]?.ack();
    expect(settled).toEqual([]);
    await given[0]?.ack();
    expect(settled).toEqual(['a', 'b', 'c']);
    await given[2]?.ack();
    expect(settled).toEqual(['a', 'b', 'c', 'd']);
  });

  it('makes a dead letter of an object in its third failing run', async () => {
    const ref = refOf('bad', 'x');
    const failing = chunk('a', { records: [], failed: [{ ref, fault: unreadable.fault }] });
    const attempts = new Map([[objectId(ref), 2]]);
    const given = await gather(batches(from([failing]), { source: 'file', attempts, settle() {} }));
    expect(given[0]?.records[0]?.fault?.code).toBe('object_unreadable');
    await expect(
      gather(
        batches(from([failing]), { source: 'file', attempts: new Map([[objectId(ref), 1]]), settle() {} }),
      ),
    ).rejects.toThrow(UnavailableError);
  });
});
