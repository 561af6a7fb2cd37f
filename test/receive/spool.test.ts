import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createCommitter } from '../../src/receive/committer.ts';
import { contentOf } from '../../src/receive/content.ts';
import { createQuietLog } from '../../src/receive/quiet.ts';
import { createReadiness } from '../../src/receive/readiness.ts';
import { keyPrefix } from '../../src/receive/spool/key.ts';
import { createNames } from '../../src/receive/spool/names.ts';
import type { Spool } from '../../src/receive/spool/spool.ts';
import { compareKeys } from '../../src/sources/s3/key-order.ts';
import { listen } from '../scripted/listen.ts';
import { silent } from '../state/context.ts';
import { filesIn, receiving } from './receiving.ts';

const root = mkdtempSync(join(tmpdir(), 'spool-'));
const mounted: string[] = [];

function mount(name: string, options: string): string | undefined {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status !== 0) return undefined;
  mounted.push(path);
  return path;
}

afterAll(() => {
  for (const path of mounted) spawnSync('umount', ['-l', path]);
  rmSync(root, { recursive: true, force: true });
});

const small = mount('small', 'size=256k');
const body = (n: number): string =>
  JSON.stringify({ id: 'Domain-Blocked', event_id: `e${n}`, pad: 'x'.repeat(6_000) });

/** Posts until something is refused; how many were accepted. */
async function fill(
  post: (body: string) => Promise<Response>,
): Promise<{ accepted: string[]; refused: Response }> {
  const accepted: string[] = [];
  for (let n = 0; ; n += 1) {
    const answer = await post(body(n));
    if (answer.status !== 200) return { accepted, refused: answer };
    accepted.push(body(n));
  }
}

(small === undefined ? describe.skip : describe)('a disk that is full', () => {
  it('answers 503, keeps nothing half-written, says so, and goes on when there is room', async () => {
    const path = join(small ?? '', 'spool');
    await receiving(
      async ({ post, status, logged }) => {
        const { accepted, refused } = await fill(post);
        expect(refused.status).toBe(503);
        expect(refused.headers.get('retry-after')).toBe('10');
        expect(accepted.length).toBeGreaterThan(10);
        expect(filesIn(path).map((file) => readFileSync(file, 'utf8').trim())).toEqual(accepted);
        expect(readdirSync(join(path, '@tmp'))).toEqual([]);
        expect((await fetch(`${status}/readyz`)).status).toBe(503);
        expect(JSON.stringify(logged)).toMatch(/the disk is full \(ENOSPC\)/);
        const metrics = await (await fetch(`${status}/metrics`)).text();
        expect(metrics).toMatch(/receive_requests_total\{.*status="503"\} 1/);
        expect(metrics).toMatch(/receive_groups_total\{.*outcome="failed"\} 1/);
        expect(metrics).toMatch(/receive_ready\{.*\} 0/);

        for (const file of filesIn(path)) rmSync(file);
        expect((await post('{"id":"again"}')).status).toBe(200);
        expect(await (await fetch(`${status}/readyz`)).text()).toBe('ready\n');
      },
      { config: { source: { type: 'file', path } } },
    );
  });

  it('or read-only: the same', async () => {
    const path = join(small ?? '', 'read-only');
    await receiving(
      async ({ post }) => {
        expect((await post('{"id":"before"}')).status).toBe(200);
        spawnSync('mount', ['-o', 'remount,ro', small ?? '']);
        const answer = await post('{"id":"meanwhile"}');
        spawnSync('mount', ['-o', 'remount,rw', small ?? '']);
        expect(answer.status).toBe(503);
        expect((await post('{"id":"after"}')).status).toBe(200);
        expect(filesIn(path)).toHaveLength(2);
      },
      { config: { source: { type: 'file', path } } },
    );
  });
});

describe('a spool that may hold no more', () => {
  it('answers 503 until something is removed', async () => {
    await receiving(
      async ({ post, stored, status }) => {
        const half = JSON.stringify({ pad: 'x'.repeat(600_000) });
        expect([(await post(half)).status, (await post(half)).status]).toEqual([200, 503]);
        expect(stored()).toEqual([`${half}\n`]);
        // There is room for smaller ones.
        expect((await post('{}')).status).toBe(200);
        const metrics = await (await fetch(`${status}/metrics`)).text();
        expect(metrics).toMatch(/spool_files\{.*\} 2/);
        expect(metrics).toMatch(/spool_limit_bytes\{.*\} 1048576/);
      },
      { receive: { spool_bytes: 2 ** 20 } },
    );
  });
});

describe('a group', () => {
  const held = (): { spool: Spool; stored: string[]; go: () => void } => {
    const waiting: (() => void)[] = [];
    const stored: string[] = [];
    const spool: Spool = {
      name: 'held',
      parallel: 1,
      async store(content, kind) {
        stored.push(`${kind} ${content.toString()}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      },
      probe: async () => undefined,
    };
    return { spool, stored, go: () => waiting.shift()?.() };
  };
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  it('is what arrived while the one before was stored, and each waits for its own', async () => {
    const { spool, stored, go } = held();
    const committer = createCommitter({ spool, committed: () => undefined });
    const answered: string[] = [];
    const send = (text: string): void => {
      const bytes = Buffer.from(text);
      const content = contentOf(bytes);
      if (content.is === 'empty') throw new Error('nothing to store');
      void committer.commit(bytes, content).then(() => answered.push(text));
    };
    send('{"n":1}');
    await turn();
    for (const text of ['{"n":2}', '{"n":3}', 'no JSON', '{"n":4}']) send(text);
    await turn();
    expect([stored, answered]).toEqual([['json {"n":1}\n'], []]);
    go();
    await turn();
    expect(stored.slice(1)).toEqual(['json {"n":2}\n{"n":3}\n']);
    expect(answered).toEqual(['{"n":1}']);
    for (let n = 0; n < 3; n += 1) {
      go();
      await turn();
    }
    expect(stored.slice(2)).toEqual(['raw no JSON', 'json {"n":4}\n']);
    expect(answered).toHaveLength(5);
  });

  it('that cannot be stored fails for its own bodies only', async () => {
    let fails = true;
    const spool: Spool = {
      name: 'failing',
      parallel: 1,
      store: async () => {
        if (fails) throw new Error('the disk failed');
      },
      probe: async () => undefined,
    };
    await receiving(
      async ({ post }) => {
        expect((await post('{}')).status).toBe(503);
        fails = false;
        expect((await post('{}')).status).toBe(200);
      },
      { wrap: () => spool },
    );
  });
});

describe('names', () => {
  it('sort by time, and no two receivers have the same', () => {
    const receivers = [createNames(), createNames(), createNames()];
    const names = Array.from({ length: 300 }, (_, n) =>
      receivers[n % 3]?.('json', new Date(1e12 + Math.floor(n / 3))),
    );
    expect(new Set(names).size).toBe(300);
    const times = names.map((name) => String(name).slice(0, 19));
    expect(times.toSorted(compareKeys)).toEqual(times);
  });

  it.each([
    ['webhook/', 'webhook/'],
    ['d/{{.Year}}/{{.Month}}/{{.Day}}/{{.Hour}}/', 'd/2026/03/09/05/'],
    ['{{ .Year }}-{{ printf "%02d" .Month }}/x-', '2026-03/x-'],
  ])('below %s begin with %s', (template, prefix) => {
    expect(keyPrefix(template, new Date('2026-03-09T05:06:07Z'))).toBe(prefix);
  });

  it('cannot be made for a variable that says nothing about time', () => {
    expect(() => keyPrefix('{{.Owner}}/', new Date())).toThrow(/cannot fill in \{\{\.Owner\}\}/);
  });
});

describe('readiness', () => {
  it('asks the spool when nothing was stored lately, and soon again while it cannot', async () => {
    let now = 0;
    let probes = 0;
    let trouble: Error | undefined;
    const probe = async (): Promise<void> => {
      probes += 1;
      if (trouble !== undefined) throw trouble;
    };
    const spool: Spool = { name: 's', parallel: 1, store: async () => undefined, probe };
    const readiness = createReadiness(spool, createQuietLog(silent), () => now);
    readiness.noted(undefined);
    now = 29_000;
    expect([await readiness.ask(), probes]).toEqual([undefined, 0]);
    now = 31_000;
    trouble = new Error('gone');
    expect(await Promise.all([readiness.ask(), readiness.ask()])).toEqual(['gone', 'gone']);
    expect([await readiness.ask(), probes]).toEqual(['gone', 1]);
    now += 4_000;
    trouble = undefined;
    expect([await readiness.ask(), probes]).toEqual([undefined, 2]);
  });
});

describe('a bucket', () => {
  /** Takes PUTs, and answers them as `answer` says: 0 breaks the connection, -1 leaves it open without an answer. */
  async function bucket(
    answer: (request: IncomingMessage, stored: Map<string, string>, content: string) => number,
    work: (setup: { config: Record<string, unknown>; stored: Map<string, string> }) => Promise<void>,
  ): Promise<void> {
    const stored = new Map<string, string>();
    const server = createServer((request, response) => {
      let content = '';
      request.setEncoding('utf8').on('data', (piece: string) => (content += piece));
      request.on('end', () => {
        const status = answer(request, stored, content);
        if (status === 0) response.destroy();
        else if (status > 0) response.writeHead(status, { etag: '"e"' }).end();
      });
    });
    const port = await listen(server);
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    const source = {
      type: 's3',
      bucket: 'b',
      endpoint: `http://127.0.0.1:${port}`,
      force_path_style: true,
      region: 'us-east-1',
      prefixes: ['w/{{.Year}}/'],
      start: 'beginning',
    };
    try {
      await work({ config: { source }, stored });
    } finally {
      process.env = before;
      server.closeAllConnections();
      server.close();
    }
  }

  const keep = (request: IncomingMessage, stored: Map<string, string>, content: string): number => {
    const key = request.url?.split('?')[0] ?? '';
    if (request.headers['if-none-match'] === '*' && stored.has(key)) return 412;
    stored.set(key, content);
    return 200;
  };

  it('gets one object a group, under a new key, never over another', async () => {
    const conditions: unknown[] = [];
    await bucket(
      (request, ...rest) => {
        conditions.push(request.headers['if-none-match']);
        return keep(request, ...rest);
      },
      async ({ config, stored }) => {
        await receiving(
          async ({ post }) => {
            const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => post(`{"n":${n}}`)));
            expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
          },
          { config },
        );
        expect([...stored.values()].join('').split('\n').length).toBe(41);
        for (const key of stored.keys())
          expect(key).toMatch(/^\/b\/w\/20\d\d\/\d{8}T\d{9}Z-[0-9a-f]{16}-\d{6}\.json$/);
        expect(new Set(conditions)).toEqual(new Set(['*']));
      },
    );
  });

  it('whose answer was lost holds the group once, and the sender gets 200', async () => {
    let lost = 0;
    await bucket(
      (request, stored, content) => {
        const status = keep(request, stored, content);
        if (status !== 200 || lost > 0) return status;
        lost += 1;
        return 0;
      },
      async ({ config, stored }) => {
        await receiving(
          async ({ post }) => {
            expect((await post('{"n":1}')).status).toBe(200);
          },
          { config },
        );
        expect([...stored.values()]).toEqual(['{"n":1}\n']);
        expect(lost).toBe(1);
      },
    );
  });

  it('that does not answer is not waited for as long as a source waits', async () => {
    await bucket(
      () => -1,
      async ({ config }) => {
        await receiving(
          async ({ post }) => {
            const began = Date.now();
            expect((await post('{}')).status).toBe(503);
            expect(Date.now() - began).toBeLessThan(14_000);
          },
          { config },
        );
      },
    );
  }, 20_000);

  it('that answers 503 for a moment is waited for; for longer, the sender gets 503', async () => {
    let refusals = 2;
    await bucket(
      (request, stored, content) => (refusals-- > 0 ? 503 : keep(request, stored, content)),
      async ({ config, stored }) => {
        await receiving(
          async ({ post, status, logged }) => {
            expect((await post('{"n":1}')).status).toBe(200);
            refusals = Number.POSITIVE_INFINITY;
            const answer = await post('{"n":2}');
            expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
            expect((await fetch(`${status}/readyz`)).status).toBe(503);
            expect(JSON.stringify(logged)).toMatch(/requests cannot be stored and are answered with 503/);
            refusals = 0;
            expect((await post('{"n":3}')).status).toBe(200);
          },
          { config },
        );
        expect([...stored.values()]).toEqual(['{"n":1}\n', '{"n":3}\n']);
      },
    );
  }, 20_000);
});
