import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createMeter } from '../../src/account/meter.ts';
import { createTally } from '../../src/account/tally.ts';
import { metricsSchema } from '../../src/config/metrics.ts';
import { pingSchema } from '../../src/config/ping.ts';
import type { Log } from '../../src/contracts/types.ts';
import { type Observer, observed } from '../../src/observe/observer.ts';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { type Receiver, receiver } from '../scripted/receiver.ts';

const SECRET = '5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278';

let monitor: Receiver | undefined;
afterEach(async () => {
  await monitor?.close();
  monitor = undefined;
});

async function watched(answer?: number | 'hang'): Promise<Receiver> {
  monitor = await receiver(answer);
  return monitor;
}

const paths = (): string[] => monitor?.requests.map(({ path }) => path) ?? [];

/** A run that ends with this code; returns its code and the text of its warnings. */
async function end(
  ping: Record<string, unknown>,
  code: number,
  work: (observer: Observer) => Promise<void> = async () => sleep(50),
  command: 'run' | 'backfill' = 'run',
) {
  const warnings: string[] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn: (fields, sentence) => void warnings.push(`${JSON.stringify(fields)} ${sentence}`),
    error() {},
  };
  const config = { metrics: metricsSchema.parse({}), ping: pingSchema.parse(ping) };
  const run = { config, command, source: 's3://a', sink: 'b', meter: createMeter(), log, env: {} };
  const given = await observed(run, async (observer) => {
    await work(observer);
    return code;
  });
  return { given, warnings };
}

const reading = async ({ begins }: Observer): Promise<void> => {
  begins(createTally());
  await sleep(50);
};

describe('a monitor of scheduled jobs', () => {
  it('hears nothing from a run that met another one: a second start would hide that the first never ends', async () => {
    const { url } = await watched();
    const { given } = await end({ url: `${url}/${SECRET}` }, 5);
    expect(given).toBe(5);
    expect(paths()).toEqual([]);
  });

  it('hears immediately about a pass that left dead letters, and about the next one that left none', async () => {
    const { url } = await watched();
    await end({ url: `${url}/${SECRET}`, announce_start: false }, 0, async ({ begins, ended }) => {
      for (const code of [0, 0, 3, 3, 0]) {
        begins(createTally());
        ended({ exit_code: code } as never);
        await sleep(30);
      }
    });
    expect(paths()).toEqual([`/${SECRET}`, `/${SECRET}/3`, `/${SECRET}`]);
  });

  it.each([
    [0, `/${SECRET}`],
    [1, `/${SECRET}/1`],
    [2, `/${SECRET}/2`],
    [3, `/${SECRET}/3`],
    [4, `/${SECRET}/4`],
  ])('hears exit code %s', async (code, path) => {
    const { url } = await watched();
    const { given, warnings } = await end({ url: `${url}/${SECRET}` }, code, reading);
    expect(given).toBe(code);
    expect(warnings).toEqual([]);
    expect(paths()).toEqual([`/${SECRET}/start`, path]);
  });

  it('hears a failure under /fail if it takes no exit codes, and no start if it takes none', async () => {
    const { url } = await watched();
    await end({ url: `${url}/${SECRET}/?team=a`, exit_status: false, announce_start: false }, 4);
    await end({ url: `${url}/${SECRET}/?team=a`, exit_status: false, announce_start: false }, 0);
    expect(paths()).toEqual([`/${SECRET}/fail?team=a`, `/${SECRET}?team=a`]);
  });

  it('hears about a run that threw as about a bug', async () => {
    const { url } = await watched();
    const failing = end({ url: `${url}/${SECRET}` }, 0, () => Promise.reject(new Error('a bug')));
    await expect(failing).rejects.toThrow('a bug');
    expect(paths().at(-1)).toBe(`/${SECRET}/1`);
  });

  it('hears now and then from a run that goes on', async () => {
    const { url } = await watched();
    await end({ url: `${url}/${SECRET}` }, 0, async ({ begins, ended }) => {
      for (let pass = 0; pass < 5; pass += 1) {
        begins(createTally());
        ended({ exit_code: 0 } as never);
        await sleep(30);
      }
    });
    expect(paths()).toEqual([`/${SECRET}/start`, `/${SECRET}`, `/${SECRET}`]);
  });

  it('hears nothing from commands that a person runs', async () => {
    const { url } = await watched();
    await end({ url: `${url}/${SECRET}` }, 0, undefined, 'backfill');
    expect(paths()).toEqual([]);
  });

  it('may have its URL in a file', async () => {
    const { url } = await watched();
    const file = join(mkdtempSync(join(tmpdir(), 'ping-')), 'url');
    writeFileSync(file, `${url}/${SECRET}\n`);
    await end({ url_file: file }, 0);
    expect(paths().at(-1)).toBe(`/${SECRET}`);
  });

  it.each<[string, () => Promise<Record<string, unknown>>, RegExp]>([
    [
      'is down',
      async () => ({ url: `http://127.0.0.1:9/${SECRET}` }),
      /ECONNREFUSED.*the ping was not answered/,
    ],
    [
      'never answers',
      async () => ({ url: `${(await watched('hang')).url}/${SECRET}`, timeout: '300ms' }),
      /no complete answer within 300 ms/,
    ],
    [
      'does not know the URL',
      async () => ({ url: `${(await watched(404)).url}/${SECRET}` }),
      /"status":404.*the ping was refused/,
    ],
    [
      'answers with a redirect',
      async () => ({ url: `${(await watched(302)).url}/${SECRET}` }),
      /"status":302.*the ping was refused/,
    ],
    [
      'has its URL in a missing file',
      async () => ({ url_file: '/nowhere/url' }),
      /ping\.url_file \/nowhere\/url: cannot be read/,
    ],
    ['has an empty URL file', async () => ({ url_file: import.meta.filename }), /ping/],
  ])('that %s changes no exit code, and is a warning without the URL', async (_, options, words) => {
    const began = performance.now();
    const { given, warnings } = await end(await options(), 3);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(given).toBe(3);
    expect(warnings.join('\n')).toMatch(words);
    expect(warnings.join('\n')).not.toContain(SECRET);
  });
});

describe('a run', () => {
  function configOf(more: Record<string, unknown>): string {
    const folder = mkdtempSync(join(tmpdir(), 'ping-'));
    for (const name of ['in', 'bad']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'bad', 'a.ndjson'), '{"broken off');
    writeFileSync(join(folder, 'in', 'a.ndjson'), JSON.stringify(payloadOf('Reverse-Shell')));
    const config = join(folder, 'config.yaml');
    const tree = {
      source: { type: 'file', path: 'in' },
      sink: { type: 'ndjson', path: 'out.ndjson' },
      state: { type: 'file', path: 'state' },
      ...more,
    };
    writeFileSync(config, JSON.stringify(tree));
    return config;
  }

  it.each([
    [0, {}, ''],
    [3, { source: { type: 'file', path: 'bad' } }, '/3'],
    [2, { source: { type: 'file', path: 'nowhere' } }, '/2'],
    [
      4,
      {
        sink: { type: 'splunk_hec', url: 'http://127.0.0.1:9', token: 'abcdefgh-token', index: 'main' },
        retry: { max_elapsed: '100ms' },
      },
      '/4',
    ],
  ])('that ends with %s says so', async (code, more, end) => {
    const { url } = await watched();
    const config = configOf({ ...more, ping: { url: '${PING_URL}' } });
    const env = { PING_URL: `${url}/${SECRET}` };
    const finished = await commandLine(['run', '--config', config], { env });
    expect([finished.code, finished.err]).toEqual([code, finished.err]);
    expect(paths().slice(-1)).toEqual([`/${SECRET}${end}`]);
  });

  it('never prints the URL', async () => {
    const config = configOf({ ping: { url: `http://127.0.0.1:9/${SECRET}` }, log: { level: 'debug' } });
    const ran = await commandLine(['run', '--config', config]);
    const shown = await commandLine(['config', '--config', config]);
    expect(shown.out).toMatch(/ping:\s+url: "?\[secret\]/);
    for (const { out, err } of [ran, shown]) expect(`${out}${err}`).not.toContain(SECRET);
  });

  it.each([
    [{}, 'ping.url: give exactly one of url and url_file'],
    [{ url: 'ftp://a/b' }, 'ping.url: '],
    [{ url: 'https://hc-ping.com/a', timeout: '1m' }, 'ping.timeout: expected 100ms to 3s'],
  ])('with %j is refused', async (ping, words) => {
    const { code, err } = await commandLine(['run', '--config', configOf({ ping })]);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });
});
