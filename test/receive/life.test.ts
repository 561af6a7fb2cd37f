import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ownPlaceTest } from '../../src/config/own-places.ts';
import { loadRoute, type Route } from '../../src/config/route.ts';
import { deliver } from '../../src/receive/delivery.ts';
import { hasSystemdSocket } from '../../src/receive/listen.ts';
import { receive } from '../../src/receive/receive.ts';
import { closeReceiver } from '../../src/receive/receiver.ts';
import { createRetention, type Retention } from '../../src/receive/retention.ts';
import { type FolderSpool, openFolder } from '../../src/receive/spool/folder.ts';
import { sourceContextOf } from '../../src/session/ends.ts';
import { openSession } from '../../src/session/session.ts';
import { commandLine } from '../command-line.ts';
import { silent } from '../state/context.ts';
import { converse, filesIn, receiving, statusesIn } from './receiving.ts';

const body = (n: number): string =>
  JSON.stringify({ id: 'Domain-Blocked', event_id: `e${n}`, owner: 'a', repo: 'b' });

/** A spool with some delivered files and some that are not. */
async function spooled(
  work: (setup: {
    readonly route: Route;
    readonly folder: FolderSpool;
    readonly home: string;
    readonly retention: (keepMs: number, maxBytes?: number) => Retention;
    readonly run: () => Promise<unknown>;
  }) => Promise<void>,
): Promise<void> {
  await receiving(async ({ folder: home, spool }) => {
    const config = join(home, 'config.yaml');
    const route = loadRoute(config, []);
    const session = openSession(route);
    const folder = await openFolder(spool, 2 ** 30);
    try {
      await work({
        route,
        folder,
        home,
        retention: (keepMs, maxBytes = 2 ** 30) => createRetention({ session, folder, keepMs, maxBytes }),
        run: () => commandLine(['run', '-c', config]),
      });
    } finally {
      session.close();
    }
  });
}

describe('what is delivered', () => {
  it('is removed once the saved checkpoint says so, and no sooner', async () => {
    await spooled(async ({ folder, retention, run, home }) => {
      await folder.store(Buffer.from(`${body(1)}\n`), 'json');
      expect(await retention(0).sweep()).toBe(0);
      await run();
      await folder.store(Buffer.from(`${body(2)}\n`), 'json');
      expect(await retention(60_000).sweep()).toBe(0);
      expect(folder.holds()).toMatchObject({ files: 2 });
      expect(await retention(0).sweep()).toBe(1);
      expect(filesIn(folder.name).map((file) => readFileSync(file, 'utf8'))).toEqual([`${body(2)}\n`]);
      expect(folder.holds()).toEqual({ files: 1, bytes: body(2).length + 1 });
      // What is gone is forgotten, and nothing comes twice.
      await run();
      expect(await retention(0).sweep()).toBe(1);
      await run();
      const ids = readFileSync(join(home, 'out'), 'utf8').trimEnd().split('\n');
      expect(ids).toHaveLength(2);
    });
  });

  it('makes room before its time when the spool is nearly full, the oldest first; the rest never', async () => {
    await spooled(async ({ folder, retention, run }) => {
      for (const n of [1, 2, 3]) await folder.store(Buffer.from(`${body(n)}\n`), 'json');
      await run();
      await folder.store(Buffer.from(`${body(4)}\n`), 'json');
      const size = body(1).length + 1;
      expect(await retention(60_000, size * 5).sweep()).toBe(0);
      expect(await retention(60_000, size * 4.4).sweep()).toBe(1);
      expect(await retention(60_000, 1).sweep()).toBe(2);
      expect(filesIn(folder.name).map((file) => readFileSync(file, 'utf8'))).toEqual([`${body(4)}\n`]);
    });
  });

  it('for another destination says nothing', async () => {
    await spooled(async ({ folder, run, home, route }) => {
      await folder.store(Buffer.from(`${body(1)}\n`), 'json');
      await run();
      const other = loadRoute(join(home, 'config.yaml'), [
        { path: ['sink'], value: { type: 'ndjson', path: join(home, 'elsewhere') } },
      ]);
      const session = openSession({ ...route, ...other });
      const retention = createRetention({ session, folder, keepMs: 0, maxBytes: 1 });
      await expect(retention.sweep()).rejects.toThrow(/made for another sink/);
      expect(filesIn(folder.name)).toHaveLength(1);
      session.close();
    });
  });
});

describe('what is not complete yet', () => {
  it('is not read, and is removed by the next receiver once nobody can be writing it', async () => {
    await spooled(async ({ folder, run, route, home }) => {
      const [old, young] = [join(folder.name, '@tmp', 'old'), join(folder.name, '@tmp', 'young')];
      mkdirSync(join(folder.name, '@tmp'), { recursive: true });
      for (const file of [old, young]) writeFileSync(file, body(1).slice(0, 20));
      utimesSync(old, 1, 1);
      expect(ownPlaceTest(route)?.(old)).toBe(true);
      expect(await run()).toMatchObject({ code: 0 });
      expect(existsSync(join(home, 'out')) && readFileSync(join(home, 'out'), 'utf8')).toBe(false);
      await openFolder(folder.name, 1);
      expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    });
  });
});

it('a spool that is empty is no sign of a mistake', async () => {
  await spooled(async ({ route, folder }) => {
    const said: string[] = [];
    const log = { ...silent, warn: (_: object, sentence: string) => void said.push(sentence) };
    const session = openSession(route);
    const { isOurs, ...context } = sourceContextOf({ ...session, context: { ...session.context, log } });
    session.close();
    expect(isOurs).toBeDefined();
    const { mayBeEmpty: _, ...other } = context;
    for (const one of [context, other]) {
      const source = await route.source.create(one);
      for await (const batch of source.read(new AbortController().signal)) await batch.ack();
    }
    expect(filesIn(folder.name)).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/is source\.path right/)]);
  });
});

describe('delivery', () => {
  it('that ends begins again, until it is told to stop', async () => {
    const stop = new AbortController();
    const states: boolean[] = [];
    let runs = 0;
    await deliver({
      stop: stop.signal,
      log: silent,
      running: (is) => void states.push(is),
      pauseMs: 1,
      async run() {
        runs += 1;
        if (runs === 2) throw new Error('our bug');
        if (runs === 3) stop.abort();
        return 4;
      },
    });
    expect([runs, states]).toEqual([3, [true, false, true, false, true, false]]);
  });
});

describe('the command', () => {
  it('takes requests while its delivery fails, ends in order on SIGTERM, and leaves them to the next run', async () => {
    await receiving(async ({ folder, secret }) => {
      const config = join(folder, 'config.yaml');
      const route = loadRoute(config, []);
      let answer: Promise<Response> | undefined;
      const post = async (senders: string): Promise<Response> => {
        const headers = { authorization: secret };
        const reply = await fetch(`http://${senders}/webhook`, { method: 'POST', body: body(1), headers });
        process.emit('SIGTERM', 'SIGTERM');
        return reply;
      };
      const code = await receive({
        route,
        run: async () => 2,
        listening({ senders }) {
          answer = post(senders);
        },
      });
      expect([code, (await answer)?.status]).toEqual([0, 200]);
      await commandLine(['run', '-c', config]);
      expect(readFileSync(join(folder, 'out'), 'utf8')).toContain('"Domain-Blocked"');
    });
  });

  it('finishes a request that is under way when it is stopped, and is not ready meanwhile', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await receiving(
      async ({ post, receiver, status }) => {
        const answer = post(body(1));
        await sleep(50);
        receiver.stop();
        receiver.server.close();
        expect(await (await fetch(`${status}/readyz`)).text()).toBe('not ready: stopping\n');
        expect((await fetch(`${status}/healthz`)).status).toBe(200);
        go();
        expect((await answer).status).toBe(200);
        expect((await answer).headers.get('connection')).toBe('close');
      },
      {
        wrap: (spool) => ({
          ...spool,
          async store(...content) {
            await held;
            await spool.store(...content);
          },
        }),
      },
    );
  });

  it('does not wait for connections that ask for nothing longer than for any head', async () => {
    const receive = { header_timeout: '300ms' };
    await receiving(
      async ({ port, receiver }) => {
        const crowd = ['', 'POST /webhook HTTP/1.1\r\n'].map((text) =>
          converse(port, [Buffer.from(text)], { answers: 1 }),
        );
        await sleep(50);
        expect(await closeReceiver(receiver, AbortSignal.timeout(4_000))).toBe(true);
        expect((await Promise.all(crowd)).map(({ text }) => statusesIn(text))).toEqual([[408], [408]]);
      },
      { receive },
    );
  });

  it.each([
    ['without the section', { source: { type: 'file', path: 's' } }, /^receive: required for this command/],
    [
      'with a source that is no place',
      { source: { type: 'file', path: '-' } },
      /source\.path: expected a folder/,
    ],
    [
      'with several prefixes',
      { source: { type: 's3', bucket: 'b', prefixes: ['a/', 'b/'], start: 'now' } },
      /receive\.source_prefix: required if source\.prefixes has several/,
    ],
  ])('%s is exit 2', async (what, tree, complaint) => {
    await receiving(async ({ folder }) => {
      const receive = what === 'without the section' ? {} : { receive: { secret_files: ['x'] } };
      const file = join(folder, 'wrong.yaml');
      writeFileSync(file, JSON.stringify({ sink: { type: 'ndjson' }, ...tree, ...receive }));
      const { code, err } = await commandLine(['receive', '-c', file]);
      expect([code, err]).toEqual([2, expect.stringMatching(complaint)]);
    });
  });
});

it('a socket of systemd is taken by the process it was meant for', () => {
  expect(hasSystemdSocket({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7)).toBe(true);
  expect(hasSystemdSocket({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 8)).toBe(false);
  expect(hasSystemdSocket({}, 7)).toBe(false);
});
