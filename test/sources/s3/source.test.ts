import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import { textAt } from '../../contract/source.ts';
import { sized } from '../../full.ts';
import { type ScriptedS3, scriptedS3 } from '../../scripted/s3.ts';
import { detection, s3Runs, texts } from './harness.ts';

const DAY = 86_400_000;

let s3: ScriptedS3;
let runs: ReturnType<typeof s3Runs>;
const from = (options: Record<string, unknown> = {}) =>
  s3Runs({ endpoint: s3.url, bucket: 'scripted', start: 'beginning', ...options });

beforeEach(async () => {
  s3 = await scriptedS3();
  runs = from();
});
afterEach(() => s3.close());

describe('how S3 fails', () => {
  it.each([
    [403, 'AccessDenied', 's3:ListBucket'],
    [404, 'NoSuchBucket', 'bucket'],
    [301, 'PermanentRedirect', 'region'],
    [400, 'AuthorizationHeaderMalformed', 'region'],
    [403, 'SignatureDoesNotMatch', 'secret key'],
  ])('a listing answered with %i %s is for the operator to fix', async (status, code, word) => {
    s3.fault = ({ operation }) => (operation === 'list' ? { status, code } : undefined);
    const { error } = await runs.run();
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(word);
  });

  it('waits out 503, SlowDown, resets and cut listings', async () => {
    s3.put('a', detection('1'));
    let tries = 0;
    s3.fault = () => {
      tries += 1;
      if (tries === 1) return { status: 503, code: 'ServiceUnavailable' };
      if (tries === 2) return { status: 503, code: 'SlowDown', retryAfter: '0' };
      return tries % 2 === 1 && tries < 8 ? 'reset' : undefined;
    };
    const run = await runs.run();
    expect(run.error).toBeUndefined();
    expect(texts(run)).toEqual([detection('1')]);
    expect(run.counts.retries).toBeGreaterThanOrEqual(3);
  });

  it('an outage that lasts ends the run without losing anything', async () => {
    s3.put('a', detection('1'));
    s3.fault = ({ operation }) => (operation === 'get' ? { status: 503, code: 'SlowDown' } : undefined);
    expect((await runs.run({ maxElapsedMs: 50 })).error).toBeInstanceOf(UnavailableError);
    s3.fault = () => undefined;
    expect(texts(await runs.run())).toEqual([detection('1')]);
  });

  it('a body that is cut continues where it broke off, on the same version', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => detection(String(i)));
    const { etag } = s3.put('big.json', lines.join('\n'));
    let cuts = 0;
    s3.fault = ({ operation }) => (operation === 'get' && cuts++ < 3 ? { cutAfter: 100_000 } : undefined);
    const run = await runs.run();
    expect(texts(run)).toEqual(lines);
    const gets = s3.requests.filter(({ operation }) => operation === 'get');
    expect(gets.length).toBe(4);
    expect(gets.every(({ ifMatch }) => ifMatch === `"${etag}"`)).toBe(true);
    expect(gets.at(-1)?.range).toMatch(/^bytes=\d+-$/);
  });

  it('an object that disappears between list and get is counted, not an error', async () => {
    s3.put('a', detection('1'));
    s3.put('b', detection('2'));
    s3.fault = ({ operation }) => {
      if (operation === 'get') s3.remove('a');
      return undefined;
    };
    const run = await runs.run();
    expect([run.error, run.counts.objects_gone]).toEqual([undefined, 1]);
    expect(texts(run)).toEqual([detection('2')]);
  });

  it('an object rewritten between list and get is read in its new version by the next run', async () => {
    s3.put('a', detection('1'));
    s3.fault = ({ operation }) => {
      if (operation === 'get' && s3.requests.length === 2) s3.put('a', detection('2'), s3.now + 1_000);
      return undefined;
    };
    expect(texts(await runs.run())).toEqual([]);
    expect(texts(await runs.run())).toEqual([detection('2')]);
  });

  it('one poison object is tried in three runs, then becomes one dead letter, and never holds up the rest', async () => {
    s3.put('a-poison', detection('0'), s3.now - 20 * DAY);
    s3.put('b', detection('1'));
    s3.fault = ({ operation, key }) =>
      operation === 'get' && key === 'a-poison' ? { status: 403, code: 'InvalidObjectState' } : undefined;
    const first = await runs.run();
    expect(texts(first)).toEqual([detection('1')]);
    expect(first.error).toBeInstanceOf(UnavailableError);
    expect(String(first.error)).toContain('1 object could not be read');
    expect(Date.parse(runs.progress().settled_before)).toBe(s3.now - 20 * DAY);

    s3.now += DAY;
    const second = await runs.run();
    expect([second.records, second.error]).toEqual([[], expect.any(UnavailableError)]);
    const third = await runs.run();
    expect(third.error).toBeUndefined();
    expect(third.records.map(({ fault }) => fault?.code)).toEqual(['object_unreadable']);
    expect(Date.parse(runs.progress().settled_before)).toBe(s3.now - 7 * DAY);
    expect((await runs.run()).records).toEqual([]);
  });

  it.each([
    ['in one batch', 500],
    ['in many', 3],
  ])(
    'what came before the damage in an object is yielded once, not in each of the three runs, %s',
    async (_, maxRecords) => {
      const lines = Array.from({ length: 20 }, (__, i) => detection(String(i)));
      const damaged = gzipSync(lines.join('\n'));
      damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 0xff;
      s3.put('a.gz', damaged);
      const [first, second, third] = [
        await runs.run({ maxRecords }),
        await runs.run({ maxRecords }),
        await runs.run({ maxRecords }),
      ];
      // The last line is unterminated: a line that breaks off is not yielded.
      expect(texts(first)).toEqual(lines.slice(0, -1));
      expect([first.error, second.error]).toEqual(Array(2).fill(expect.any(UnavailableError)));
      expect(second.records).toEqual([]);
      expect(third.records.map(({ fault, offset }) => [fault?.code, offset])).toEqual([
        ['object_unreadable', Buffer.byteLength(lines.slice(0, -1).join('\n'))],
      ]);
    },
  );

  it('when the first 20 GETs are all refused, it is not the objects’ fault', async () => {
    for (let i = 0; i < 30; i++) s3.put(`k${i}`, detection(String(i)));
    s3.fault = ({ operation }) => (operation === 'get' ? { status: 403, code: 'AccessDenied' } : undefined);
    const { error, records } = await runs.run();
    expect(records).toEqual([]);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain('s3:GetObject');
  });

  it('a server that does not list in key order loses nothing, killed or not', async () => {
    const wanted = Array.from({ length: 40 }, (_, i) => detection(String(i)));
    for (const [i, text] of wanted.entries()) s3.put(`k${i}`, text, s3.now - 30 * DAY);
    s3.compare = (a, b) => Number(b.slice(1)) * 7 - Number(a.slice(1)) * 7;
    const first = await runs.run({ maxRecords: 5, killAfter: 20 });
    const second = await runs.run({ maxRecords: 5 });
    expect(new Set([...texts(first), ...texts(second)])).toEqual(new Set(wanted));
    expect(texts(await runs.run())).toEqual([]);
  });
});

describe('objects that are ignored', () => {
  it('temp.json anywhere, empty objects and folder markers are counted', async () => {
    s3.put('temp.json', '{}');
    s3.put('x/temp/temp.json', '{}');
    s3.put('folder/', '');
    s3.put('empty', '');
    s3.put('not-temp.json', detection('1'));
    const run = await runs.run();
    expect(texts(run)).toEqual([detection('1')]);
    expect(run.counts).toMatchObject({ objects_ignored: 4, objects_listed: 5, s3_get: 1, s3_list: 1 });
  });
});

describe('runs of a schedule', () => {
  it('reads each version once, whatever its name, order or second', async () => {
    s3.put('m', detection('m'));
    s3.put('z', detection('z'));
    expect(texts(await runs.run())).toEqual([detection('m'), detection('z')]);
    s3.put('a', detection('a'));
    s3.put('n', detection('n'));
    s3.put('z', detection('z2'));
    expect(texts(await runs.run())).toEqual([detection('a'), detection('n'), detection('z2')]);
    expect(texts(await runs.run())).toEqual([]);
  });

  it('finds an object that appears late with an old LastModified', async () => {
    s3.put('b', detection('b'));
    await runs.run();
    s3.now += 2 * DAY;
    s3.put('a', detection('a'), s3.now - 6 * DAY);
    expect(texts(await runs.run())).toEqual([detection('a')]);
  });

  it('loses nothing to a pause of three lookbacks, and forgets what is settled', async () => {
    s3.put('first', detection('0'));
    await runs.run();
    const expected: string[] = [];
    for (let day = 1; day <= 21; day++) {
      expected.push(detection(String(day)));
      s3.put(`k${String(day).padStart(2, '0')}`, detection(String(day)), s3.now + day * DAY);
    }
    s3.now += 21 * DAY;
    expect(texts(await runs.run())).toEqual(expected);
    expect(texts(await runs.run())).toEqual([]);
    expect(runs.progress().done_parts.length).toBeLessThanOrEqual(8);
  });

  it('start: now skips what is older, and a time skips what is older than that', async () => {
    s3.put('old', detection('old'), s3.now - DAY);
    s3.put('mid', detection('mid'), s3.now - 3_600_000);
    runs = from({ start: 'now' });
    expect(texts(await runs.run())).toEqual([]);
    s3.now += 1_000;
    s3.put('new', detection('new'));
    expect(texts(await runs.run())).toEqual([detection('new')]);
    const start = new Date(s3.now - 2 * 3_600_000).toISOString();
    expect(texts(await from({ start }).run())).toEqual([detection('mid'), detection('new')]);
  });

  it('history is a key, not a set: a first run that is killed continues after it', async () => {
    const count = sized(300, 100);
    const killAfter = count / 2;
    for (let i = 0; i < count; i++) {
      s3.put(`k${String(i).padStart(4, '0')}`, detection(String(i)), s3.now - 400 * DAY);
    }
    const first = await runs.run({ maxRecords: 10, killAfter });
    // The last batch was not acked; that the object before it had ended was only known from that batch.
    const through = Number(runs.progress().sweep.through.slice(1));
    expect(through).toBeLessThan(killAfter - 1);
    expect(through).toBeGreaterThan(killAfter - 20);
    expect(runs.progress().done_parts).toEqual([]);
    s3.now += 30 * DAY;
    s3.put('k0000-late', detection('late'), s3.now - 29 * DAY);
    const second = await runs.run({ maxRecords: 10 });
    expect(second.records.length).toBeLessThanOrEqual(count - through);
    expect(new Set([...texts(first), ...texts(second)]).size).toBe(count + 1);
  });

  it('continues inside a large object after what was acked, even when newer names come first', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => detection(String(i)));
    s3.put('m.json', lines.join('\n'));
    const first = await runs.run({ stopAfter: 1_000 });
    s3.put('a.json', detection('a'));
    const before = s3.requests.length;
    const second = await runs.run();
    expect(texts(second)).toEqual([detection('a'), ...lines.slice(first.records.length)]);
    expect(s3.requests.slice(before).some(({ range }) => range?.startsWith('bytes='))).toBe(true);
  });
});

describe('templates', () => {
  const keysListed = (since: number) =>
    s3.requests
      .slice(since)
      .filter(({ operation }) => operation === 'list')
      .map(({ key }) => key);

  it('lists the folders that are not settled and one past now, and everything once a day', async () => {
    runs = from({ prefixes: ['d/{{.Year}}/{{.Month}}/'] });
    for (const folder of ['2025/12', '2026/01', '2026/2', '2026/March', '2026/07', 'threat-intel/x']) {
      s3.put(`d/${folder}/o.json`, detection(folder), s3.now - 60_000);
    }
    expect((await runs.run()).records.length).toBe(6);
    const since = s3.requests.length;
    s3.put('d/2026/04/o.json', detection('april'));
    s3.put('d/2025/12/p.json', detection('rewritten'));
    expect(texts(await runs.run())).toEqual([detection('april')]);
    expect(keysListed(since)).toEqual([
      'd/',
      'd/2026/',
      'd/2026/04/',
      'd/2026/2/',
      'd/2026/March/',
      'd/threat-intel/',
    ]);
    s3.now += DAY;
    expect(texts(await runs.run())).toEqual([detection('rewritten')]);
  });

  it('crosses the end of a month', async () => {
    s3.now = Date.parse('2026-03-31T23:59:00Z');
    runs = from({ prefixes: ['d/{{.Year}}/{{.Month}}/{{.Day}}/'], start: 'now', allowed_lateness: '1h' });
    s3.put('d/2026/03/31/a', detection('a'));
    expect(texts(await runs.run())).toEqual([detection('a')]);
    s3.now += 120_000;
    s3.put('d/2026/04/01/b', detection('b'));
    s3.put('d/2026/03/31/c', detection('c'));
    expect(texts(await runs.run())).toEqual([detection('c'), detection('b')]);
  });

  it('without state lists from the folder of start', async () => {
    runs = from({ prefixes: ['d/{{.Year}}/{{.Month}}/'], start: '2026-02-10T00:00:00Z' });
    s3.put('d/2025/12/a', detection('a'), s3.now - 70 * DAY);
    s3.put('d/2026/02/b', detection('b'), s3.now - DAY);
    const run = await runs.run();
    expect([texts(run), run.counts.folders_skipped]).toEqual([[detection('b')], 1]);
    expect(keysListed(0)).toEqual(['d/', 'd/2026/', 'd/2026/02/']);
  });
});

describe('a backfill', () => {
  it('reads what existed once, resumes after its marker, and ends', async () => {
    for (let i = 0; i < 60; i++) s3.put(`k${String(i).padStart(2, '0')}`, detection(String(i)));
    const backfill = {};
    const first = await runs.run({ backfill, maxRecords: 10, killAfter: 30 });
    s3.now += 60_000;
    s3.put('k45x', detection('too late'));
    // Covers all objects whose end came before acked records, in order; the next object is read again.
    const known = Number(runs.progress().through.slice(1)) + 1;
    expect(known).toBeGreaterThan(10);
    const second = await runs.run({ backfill, maxRecords: 10 });
    const read = { objects_read: 60 - known, objects_known: known };
    expect(second.counts).toMatchObject({ objects_listed: 61, ...read, objects_outside: 1 });
    expect(second.records.length).toBeLessThanOrEqual(60 - known);
    expect(new Set([...texts(first), ...texts(second)]).size).toBe(60);
    const third = await runs.run({ backfill });
    expect([third.records, third.counts.s3_list]).toEqual([[], undefined]);
  });

  it('skips only what cannot hold events in the range', async () => {
    runs = from({ prefixes: ['{{.Year}}/{{.Month}}/'] });
    const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
    s3.put('2025/06/old', detection('old'), at('2025-06-10'));
    s3.put('2026/01/before', detection('before'), at('2026-01-10'));
    s3.put('2026/01/in', detection('in'), at('2026-01-20'));
    s3.put('2026/01/late', detection('late'), at('2026-02-20'));
    const backfill = { from: at('2026-01-15'), to: at('2026-01-25') };
    const run = await runs.run({ backfill });
    expect(texts(run)).toEqual([detection('in'), detection('late')]);
    expect(s3.requests.map(({ key }) => key)).not.toContain('2025/06/');
    expect(run.counts).toMatchObject({
      objects_listed: 3,
      objects_read: 2,
      objects_outside: 1,
      folders_skipped: 1,
    });
    await expect(runs.run({ backfill: { from: 0 } })).rejects.toThrow(ConfigError);
  });

  it('is not finished while an object fails', async () => {
    s3.put('a', detection('a'));
    s3.put('b', detection('b'));
    let broken = true;
    s3.fault = ({ operation, key }) =>
      broken && operation === 'get' && key === 'a' ? { status: 403, code: 'AccessDenied' } : undefined;
    expect(texts(await runs.run({ backfill: {} }))).toEqual([detection('b')]);
    broken = false;
    expect(texts(await runs.run({ backfill: {} }))).toEqual([detection('a')]);
    expect(runs.progress().finished).toBe(true);
  });
});

describe('replay and the doctor', () => {
  it('reads a record again, and knows when it is gone', async () => {
    s3.put('a', `${detection('1')}\n${detection('2')}\n`);
    const counts = {};
    const source = await runs.component.create(runs.context({}, counts));
    const { records } = await runs.run();
    const second = records[1];
    if (second === undefined) throw new Error('two records were put');
    expect(await textAt(source, second.origin, second.offset)).toBe(detection('2'));
    s3.put('a', detection('3'));
    expect(await textAt(source, second.origin, second.offset)).toBeUndefined();
    s3.remove('a');
    expect(await textAt(source, second.origin, second.offset)).toBeUndefined();
    await source.close?.();
  });

  it('names what is refused and how to fix it', async () => {
    s3.put('a', detection('1'));
    const look = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { status, fix } of runs.component.check(runs.context({}, {}))) {
        found.push(fix === undefined ? status : `${status}: ${fix}`);
      }
      return found;
    };
    expect(await look()).toEqual(['ok', 'ok', 'ok']);
    s3.fault = ({ operation }) => (operation === 'get' ? { status: 403, code: 'AccessDenied' } : undefined);
    expect(await look()).toEqual(['ok', 'ok', expect.stringContaining('s3:GetObject')]);
    s3.fault = () => ({ status: 403, code: 'AccessDenied' });
    expect(await look()).toEqual(['ok', expect.stringContaining('s3:ListBucket')]);
  });
});

describe('a prefix without objects', () => {
  const quiet = (): void => undefined;
  async function warnedOf(prefixes: readonly string[], passes = 1): Promise<unknown[]> {
    const places: unknown[] = [];
    const warn = ({ place }: Record<string, unknown>): void => void (place && places.push(place));
    const { component, context } = s3Runs(
      { endpoint: s3.url, bucket: 'scripted', start: 'beginning', prefixes },
      { log: { debug: quiet, info: quiet, error: quiet, warn } },
    );
    const source = await component.create(context({}, {}));
    for (let pass = 0; pass < passes; pass += 1)
      for await (const batch of source.read(new AbortController().signal)) await batch.ack();
    await source.close?.();
    return places;
  }

  it('is reported once, however often it is listed', async () => {
    s3.put('detections/1.json', detection('1'));
    // What the console creates for a new folder, and the vendor's connection test.
    s3.put('marked/', '');
    s3.put('tried/temp.json', '{}');
    const wrong = ['detectoins/', 'marked/', 'tried/'];
    expect(await warnedOf(['detections/', ...wrong], 2)).toEqual(wrong.map((one) => `s3://scripted/${one}`));
  });

  it('is not one whose objects are known or too old to be listed', async () => {
    s3.put('detections/2020/01/1.json', detection('1'), Date.parse('2020-01-01'));
    expect(await warnedOf(['detections/{{.Year}}/{{.Month}}/'], 2)).toEqual([]);
  });

  it('is not one that could not be listed', async () => {
    s3.fault = ({ operation }) => (operation === 'list' ? { status: 403, code: 'AccessDenied' } : undefined);
    await expect(warnedOf(['detections/'])).rejects.toThrow(ConfigError);
  });
});
