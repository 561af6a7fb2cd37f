import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import stringWidth from 'string-width';
import { examinationSchema } from '../../src/commands/check/examination.ts';
import type { JsonObject } from '../../src/contracts/types.ts';
import { letterSchema } from '../../src/letters/letter.ts';
import { commandLine } from '../command-line.ts';
import { payloadOf, TOKENS } from '../detections/harness.ts';
import { itInFull, rows } from '../full.ts';
import { type Finished, ledgerOf, cli as program } from '../spawn-cli.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  await mkdir(at('in'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const detection = (uid: string, over: JsonObject = {}): string =>
  JSON.stringify(payloadOf('Reverse-Shell', { event_id: uid, ...over }));
const put = (name: string, ...lines: readonly string[]): Promise<void> =>
  writeFile(at(`in/${name}`), lines.map((line) => `${line}\n`).join(''));

/** Reads from a folder and writes to a folder, with the state next to them. */
const flags = (): string[] => ['--file', at('in'), '--ndjson', at('out/'), '--state', at('state')];
const sent = async (): Promise<string[]> => {
  const names = existsSync(at('out')) ? (await readdir(at('out'))).sort() : [];
  const texts = await Promise.all(names.map((name) => readFile(at(`out/${name}`), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
};

async function withServer<T>(status: number, work: (url: string) => Promise<T>): Promise<T> {
  const server: Server = createServer((_, response) => response.writeHead(status).end('{}'));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('wrong arguments', () => {
  test.each<[string[], string]>([
    [[], 'Specify a command'],
    [['runn'], 'run'],
    [['run', '--nope'], 'nope'],
    [['run', '--config'], 'config'],
    [['dead-letters', 'eat'], 'eat'],
    [['map', '--to', 'xml'], 'xml'],
    [['backfill', '--from', 'yesterday', '--file', '/nowhere', '--ndjson', '-'], '--from'],
    [['backfill', '--max-rate', 'fast', '--file', '/nowhere', '--ndjson', '-'], '--max-rate'],
    [['run', '--file', '/nowhere', '--ndjson', '-'], 'state: required'],
    [['run', '--config', '/nope.yaml'], '/nope.yaml'],
  ])('%j exits 2 and says so without a stack trace', async (args, message) => {
    const { code, err } = await commandLine(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at .*\.js:/);
  });
});

describe('help', () => {
  test.each(['run', 'backfill', 'map', 'check', 'setup', 'dead-letters', 'demo'])('%s', async (verb) => {
    const { code, out } = await commandLine([verb, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`stepsecurity-siem ${verb}`);
    expect(out).toContain('Examples:');
  });
  test.each(['init', 'run', 'backfill', 'map', 'check', 'setup', 'dead-letters', 'verify', 'state', 'demo'])(
    'of %s keeps a space before the type of each option',
    async (verb) => {
      for (const columns of [80, 110])
        expect((await commandLine([verb, '--help'], { columns })).out).not.toMatch(
          /\S\[(?:boolean|string)\]/,
        );
    },
  );
  it('prints the version', async () => {
    const { version } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as {
      version: string;
    };
    expect(await program(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  });
});

describe('map', () => {
  it('reads standard input and files', async () => {
    await put('a.ndjson', detection('a'), detection('b'));
    const files = await commandLine(['map', at('in')]);
    const input = await program(['map'], { input: detection('c') });
    expect([files.code, input.code]).toEqual([0, 0]);
    const ids = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => ((JSON.parse(line) as JsonObject).stepsecurity as JsonObject).event_id);
    expect(ids(files.out)).toEqual(['a', 'b']);
    expect(ids(input.out)).toEqual(['c']);
  });
  it('says on stderr what was not a detection', async () => {
    const input = '{"id":"1","jobs":[]}\n{"id":"2","jobs":[]}\n{"id":"g","data":[]}\n';
    const { code, out, err } = await commandLine(['map'], { input });
    expect([code, out]).toEqual([0, '']);
    expect(err).toBe(
      '2 left out: the Insights document of a workflow run, which contains no detection of its own\n1 left out: a group without detections\n',
    );
  });

  it('exits 3 with a dead letter on stderr for a bad record, and maps the rest', async () => {
    const { code, out, err } = await commandLine(['map', '-'], { input: `{"id":7}\n${detection('a')}\n` });
    expect(code).toBe(3);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(err) as JsonObject).toMatchObject({ code: 'missing_id', stage: 'decode' });
  });
  it('explains a detection in either schema', async () => {
    const { code, out } = await commandLine(['map', '--explain'], { input: detection('a') });
    expect([code, JSON.parse(out)]).toMatchObject([0, { explanation: 1, kind: 'Reverse-Shell' }]);
    const shown = await commandLine(['map', '--explain', '--no-json'], { input: detection('a') });
    expect(shown.out).toMatch(/^rule\.id +Reverse-Shell +id +common:\d+$/m);
    const cim = await commandLine(['map', '--to', 'cim'], { input: detection('a') });
    expect(cim.out).toContain('Reverse-Shell');
  });
  it('names a missing file', async () => {
    const { code, err } = await commandLine(['map', at('nope')]);
    expect([code, err.includes('nope')]).toEqual([2, true]);
  });
});

describe('run', () => {
  it('sends each detection once across its runs, and then only what is new', async () => {
    await put('a.ndjson', detection('a'), detection('b'), 'no JSON');
    const first = await commandLine(['run', ...flags()]);
    expect([first.code, ledgerOf(first).delivered, ledgerOf(first).dead_lettered]).toEqual([3, 2, 1]);
    const second = await commandLine(['run', ...flags()]);
    expect([second.code, ledgerOf(second).read]).toEqual([0, 0]);
    await put('b.ndjson', detection('c'));
    const third = await commandLine(['run', ...flags()]);
    expect(ledgerOf(third)).toMatchObject({
      read: 1,
      checkpoint: { clean: true, totals: { read: 4, delivered: 3 } },
    });
    expect(await sent()).toHaveLength(3);
  });

  it('--follow polls until SIGTERM and ends cleanly', async () => {
    await put('a.ndjson', detection('a'));
    const finished = await program(['run', '--follow', ...flags(), '--set', 'pipeline.poll_interval=50ms'], {
      started: (child) => {
        void (async () => {
          while ((await sent()).length < 1) await sleep(30);
          await put('b.ndjson', detection('b'));
          while ((await sent()).length < 2) await sleep(30);
          child.kill('SIGTERM');
        })();
      },
    });
    expect(finished.code).toBe(0);
    const ledgers = finished.out
      .trimEnd()
      .split('\n')
      .map((line) => ledgerOf({ ...finished, out: line }));
    expect(ledgers.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(2);
    const check = await commandLine(['check', ...flags()]);
    expect(check.out).toContain('the last run ended cleanly');
  });

  it('exits 5 when another run holds the lease', async () => {
    await put('a.ndjson', detection('a'));
    let second: Promise<Finished> | undefined;
    const first = await program(['run', '--follow', ...flags(), '--set', 'pipeline.poll_interval=1h'], {
      started: (child) => {
        void (async () => {
          while ((await sent()).length < 1) await sleep(30);
          second = commandLine(['run', ...flags()]);
          await second;
          child.kill('SIGTERM');
        })();
      },
    });
    expect(first.code).toBe(0);
    const other = await second;
    expect(other?.code).toBe(5);
    expect(other === undefined ? '' : ledgerOf(other).error).toContain('lease');
  });

  itInFull('does not replay during a run, and changes nothing', async () => {
    await put('a.ndjson', detection('a'), '{"id":7}');
    let meanwhile: Promise<Finished> | undefined;
    let before: string[] = [];
    let after: string[] = [];
    const letters = async (): Promise<string[]> => {
      const folder = at('state/dead-letters/letters');
      const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
      return Promise.all(paths.map(async (path) => `${path} ${await readFile(path, 'utf8')}`));
    };
    const live = await program(['run', '--follow', ...flags(), '--set', 'pipeline.poll_interval=1h'], {
      started: (child) => {
        void (async () => {
          while ((await letters()).length < 1) await sleep(30);
          before = await letters();
          meanwhile = commandLine(['dead-letters', 'replay', ...flags()]);
          await meanwhile;
          after = await letters();
          child.kill('SIGTERM');
        })();
      },
    });
    // It was stopped: the ledgers of its passes say what they read.
    expect([0, 3]).toContain(live.code);
    const replay = await meanwhile;
    expect(replay?.code).toBe(5);
    expect(replay === undefined ? '' : ledgerOf(replay).error).toMatch(
      /another run holds the lease.*stop that run/,
    );
    expect(after).toEqual(before);
    expect((await commandLine(['dead-letters', 'replay', ...flags()])).code).toBe(3);
  });

  it('exits 4 when the sink stays unavailable, and loses nothing', async () => {
    await put('a.ndjson', detection('a'));
    const source = ['--file', at('in'), '--state', at('state')];
    const away = await withServer(503, (url) =>
      commandLine([
        'run',
        ...source,
        '--elasticsearch',
        url,
        '--set',
        'retry.max_elapsed=300ms',
        '--set',
        'retry.initial_delay=10ms',
      ]),
    );
    expect([away.code, ledgerOf(away).exit_code, ledgerOf(away).delivered]).toEqual([4, 4, 0]);
    expect(ledgerOf(away).error).toBeDefined();
  });

  it('exits 2 when the sink refuses our credentials', async () => {
    await put('a.ndjson', detection('a'));
    const refused = await withServer(401, (url) =>
      commandLine(['run', '--file', at('in'), '--state', at('state'), '--elasticsearch', url]),
    );
    expect([refused.code, ledgerOf(refused).dead_lettered]).toEqual([2, 0]);
  });

  it('continues past an object that holds only foreign records, whatever the limit on rejected documents', async () => {
    await put('a.ndjson', ...Array.from({ length: 1_001 }, () => 'x'));
    await put('b.ndjson', detection('b'));
    const args = ['run', ...flags(), '--set', 'dead_letters.max_per_run=2'];
    const first = await commandLine(args);
    expect([first.code, ledgerOf(first)]).toMatchObject([
      3,
      { read: 1_002, delivered: 1, dead_lettered: 1_001 },
    ]);
    expect(first.err).toContain('/in/a.ndjson');
    const second = await commandLine(args);
    expect([second.code, ledgerOf(second).read]).toEqual([0, 0]);
  });

  it('refuses a state made for another source', async () => {
    await put('a.ndjson', detection('a'));
    await commandLine(['run', ...flags()]);
    const other = await commandLine(['run', ...flags(), '--set', 'identity=natural']);
    expect([other.code, other.err.includes('identity')]).toEqual([2, true]);
  });
});

describe('backfill', () => {
  const day = (n: number): JsonObject => ({ timestamp: `2025-07-0${n}T00:00:00Z` });
  beforeEach(() => put('a.ndjson', ...[1, 2, 3, 4].map((n) => detection(`d${n}`, day(n)))));

  it('sends a half-open range once, says that it is finished, and sends it again when told to', async () => {
    const args = ['backfill', ...flags(), '--from', '2025-07-02', '--to', '2025-07-04', '--quiet-alerts'];
    const first = await commandLine(args);
    expect([first.code, ledgerOf(first).delivered, ledgerOf(first).filters]).toEqual([
      0,
      2,
      { outside_range: 2 },
    ]);
    for (const line of await sent()) {
      expect(JSON.parse(line) as JsonObject).toMatchObject({ event: { kind: 'event' } });
      expect((JSON.parse(line) as JsonObject).tags).toContain('backfill');
    }
    const second = await commandLine(args);
    expect([second.code, ledgerOf(second).read, second.err.includes('finished at')]).toEqual([0, 0, true]);
    expect(ledgerOf(await commandLine([...args, '--again'])).delivered).toBe(2);
    // The scheduled run is not affected.
    expect(ledgerOf(await commandLine(['run', ...flags()])).delivered).toBe(4);
  });

  it('resumes after it was stopped', async () => {
    await put('a.ndjson', ...Array.from({ length: 40 }, (_, n) => detection(`e${n}`)));
    const args = [
      'backfill',
      ...flags(),
      '--set',
      'pipeline.batch_records=4',
      '--set',
      'pipeline.concurrency=1',
    ];
    const stopped = await program([...args, '--max-rate', '20/s'], {
      started: (child) => {
        void (async () => {
          while ((await sent()).length < 4) await sleep(30);
          child.kill('SIGTERM');
        })();
      },
    });
    const { delivered } = ledgerOf(stopped);
    expect(delivered).toBeGreaterThan(0);
    expect(delivered).toBeLessThan(40);
    expect(ledgerOf(await commandLine(args)).checkpoint?.totals).toMatchObject({ read: 40, delivered: 40 });
    expect(new Set(await sent()).size).toBe(40);
  });

  it('--dry-run writes nothing and says what the backfill would cost', async () => {
    const dry = await commandLine(['backfill', ...flags(), '--dry-run'], { cwd: folder });
    expect([dry.code, ledgerOf(dry).dry_run, ledgerOf(dry).read]).toEqual([0, true, 4]);
    expect(ledgerOf(dry).counters).toMatchObject({ would_write_documents: 4 });
    expect(await sent()).toEqual([]);
  });

  itInFull('--dry-run says what a checkpoint skips', async () => {
    await commandLine(['backfill', ...flags()]);
    await put('new.ndjson', detection('new'));
    const dry = await commandLine(['backfill', ...flags(), '--dry-run', '--again']);
    expect(ledgerOf(dry).counters.objects_known).toBeUndefined();
    const { out } = await commandLine(['backfill', ...flags(), '--dry-run', '--no-json']);
    expect(out).toMatch(
      /^Reads 1 object of .*\nLeaves out 1 object already done\.\nWould write 1 document,/m,
    );
  });

  it('refuses an invalid range', async () => {
    const { code, err } = await commandLine([
      'backfill',
      ...flags(),
      '--from',
      '2025-07-02',
      '--to',
      '2025-07-02',
    ]);
    expect([code, err.includes('--to must be later')]).toEqual([2, true]);
  });
});

it('every ledger names source and sink the same way, even for a run that could not start', async () => {
  await put('a.ndjson', detection('a', {}));
  const names = async (command: string[]): Promise<unknown[]> => {
    const { source, sink } = ledgerOf(await commandLine([...command, ...flags()]));
    return [source, sink];
  };
  const expected = await names(['run']);
  expect(expected).toEqual([`file:${at('in')}`, `ndjson:${at('out/')}`]);
  expect(await names(['run', '--set', 'identity=natural'])).toEqual(expected);
  expect(await names(['backfill', '--dry-run'])).toEqual(expected);
  expect(await names(['backfill'])).toEqual(expected);
  expect(await names(['dead-letters', 'replay'])).toEqual(expected);
});

describe('dead letters', () => {
  it('are listed, shown, and replayed while the origin still fails', async () => {
    await put('a.ndjson', '{"id":7}');
    await commandLine(['run', ...flags()]);
    const list = await commandLine(['dead-letters', 'list', ...flags()]);
    const { id } = letterSchema.parse(JSON.parse(list.out));
    const shown = await commandLine(['dead-letters', 'show', id.slice(0, 8), ...flags()]);
    expect(JSON.parse(shown.out) as JsonObject).toMatchObject({ code: 'missing_id', text: '{"id":7}' });
    const replayed = await commandLine(['dead-letters', 'replay', ...flags()]);
    expect([replayed.code, ledgerOf(replayed).dead_lettered]).toEqual([3, 1]);
    expect((await commandLine(['dead-letters', 'show', 'zzz', ...flags()])).code).toBe(2);
  });
});

describe('check', () => {
  it('reports what is fine and what is not, with exit 2', async () => {
    expect(await commandLine(['check', ...flags()])).toMatchObject({ code: 0 });
    const bad = await commandLine([
      'check',
      '--file',
      at('nope'),
      '--ndjson',
      at('out/'),
      '--state',
      at('state'),
    ]);
    expect(bad.code).toBe(2);
    expect(examinationSchema.parse(JSON.parse(bad.out))).toMatchObject({
      exit_code: 2,
      findings: expect.arrayContaining([expect.objectContaining({ check: 'source', status: 'failed' })]),
    });
  });
});

it('no output contains a secret', async () => {
  const token = TOKENS['GitHub classic'] ?? '';
  const key = ['hunter2', 'correct', 'horse'].join('-');
  await writeFile(at('key'), key);
  await put(
    'a.ndjson',
    detection('a', { path: `/x/${token}`, secret: key }),
    `{"broken": "${token}"`,
    `{"id":7,"x":"${token}"}`,
  );
  const elastic = [
    '--file',
    at('in'),
    '--state',
    at('state2'),
    '--api-key-file',
    at('key'),
    '--set',
    'retry.max_elapsed=100ms',
  ];
  const outputs = [
    await commandLine(['run', ...flags(), '--set', 'log.level=debug', '--set', 'preserve_original=true']),
    await commandLine(['dead-letters', 'list', ...flags()]),
    await commandLine(['dead-letters', 'list', '--no-json', ...flags()]),
    await commandLine(['map', '--explain', at('in')]),
    await commandLine(['map', '--explain', '--no-json', at('in')]),
    await commandLine(['map', '--to', 'cim', at('in')]),
    await withServer(503, (url) => commandLine(['run', ...elastic, '--elasticsearch', url])),
    await withServer(401, (url) => commandLine(['check', ...elastic, '--elasticsearch', url])),
    await withServer(401, (url) => commandLine(['check', '--no-json', ...elastic, '--elasticsearch', url])),
  ];
  const all = `${outputs.map(({ out, err }) => out + err).join('')}${(await sent()).join('')}`;
  expect(outputs[0]?.code).toBe(3);
  expect(all).not.toContain(token);
  expect(all).not.toContain('hunter2');
});

describe('demo', () => {
  test.each(rows(1, ['file', 'api']))('delivers every sample of a %s into a folder', async (source) => {
    const finished = await commandLine(['demo', '--source', source, '--out', at('demo')]);
    expect(finished.err).toBe('');
    expect(finished.code).toBe(0);
    const ledger = ledgerOf(finished);
    expect(ledger).toMatchObject({ command: 'demo', dead_lettered: 0, filtered: 0 });
    // The second poll of the API sends only the state change; a folder has only the samples.
    expect(ledger.read).toBe(source === 'api' ? 1 : ledger.checkpoint?.totals.read);
    expect(ledger.state_changes).toBe(source === 'api' ? 1 : 0);
    expect(await readdir(at('demo'))).toContain('reverse-shell.ndjson');
  });

  test.each([['file'], ['api']])(
    'on a terminal a %s fits its screen and says what to do next',
    async (source) => {
      const { out } = await commandLine(['demo', '--no-json', '--source', source, '--out', 'demo'], {
        cwd: folder,
      });
      const lines = out.trimEnd().split('\n');
      // The prompt is line 24.
      expect(lines.length).toBeLessThan(24);
      const commands = lines.slice(-3);
      for (const line of lines.slice(0, -3)) expect(stringWidth(line)).toBeLessThanOrEqual(80);
      expect(commands).toEqual([
        expect.stringMatching(/ map --explain \S+\/reverse-shell\.ndjson$/),
        expect.stringMatching(/ demo --to cim$/),
        expect.stringMatching(/ init$/),
      ]);
      expect(out).toMatch(/^\d+ detections of \d+ kinds delivered to demo\/, one file per kind/);
      expect(out).toMatch(/^critical +\d+ {2}\S/m);
      if (source === 'file') expect(out).toMatch(/^timestamp: 1753204005 +@timestamp: 2025-07-22T17:06:45/m);
      else expect(out).toContain('was suppressed by');
    },
  );

  itInFull(
    'empties only its own folder',
    async () => {
      const demo = () => commandLine(['demo', '--out', at('demo')]);
      await mkdir(at('demo'));
      expect(await demo()).toMatchObject({ code: 0 });
      const files = await readdir(at('demo'));
      const lines = await readFile(at('demo/reverse-shell.ndjson'), 'utf8');
      expect(await demo()).toMatchObject({ code: 0 });
      expect(await readdir(at('demo'))).toEqual(files);
      expect((await readFile(at('demo/reverse-shell.ndjson'), 'utf8')).split('\n')).toHaveLength(
        lines.split('\n').length,
      );
      await writeFile(at('demo/thesis.txt'), 'two years of work');
      expect(await demo()).toMatchObject({ code: 2, err: expect.stringContaining('"thesis.txt"') });
      expect(await readFile(at('demo/thesis.txt'), 'utf8')).toBe('two years of work');
      const elsewhere = await commandLine(['demo', '--out', at('in/nothing/..')]);
      expect(elsewhere).toMatchObject({ code: 0 });
      await put('mine.ndjson', 'mine');
      expect(await commandLine(['demo', '--out', at('in')])).toMatchObject({ code: 2 });
      expect(await readFile(at('in/mine.ndjson'), 'utf8')).toBe('mine\n');
    },
    60_000,
  );
});

test('verify replaces a list of uids that it wrote itself, and no other file', async () => {
  await put('a.ndjson', detection('a'));
  const uids = (name: string) =>
    commandLine(['verify', ...flags(), '--from', '2020-01-01', '--to', '2030-01-01', '--uids', at(name)]);
  expect(await uids('uids.csv')).toMatchObject({ code: 3 });
  expect(await uids('uids.csv')).toMatchObject({ code: 3 });
  expect(await readFile(at('uids.csv'), 'utf8')).toMatch(
    /^uid,kind,day,verdict,fingerprint,origin\n.+,missing,.+\n$/,
  );
  await writeFile(at('thesis.txt'), 'two years of work');
  expect(await uids('thesis.txt')).toMatchObject({ code: 2 });
  expect(await readFile(at('thesis.txt'), 'utf8')).toBe('two years of work');
});
