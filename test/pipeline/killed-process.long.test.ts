import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detection } from '../bench/generate.ts';
import { commandLine } from '../command-line.ts';
import { FULL, itInFull, rows } from '../full.ts';
import { type ScriptedS3, scriptedS3 } from '../scripted/s3.ts';
import { type Ended, ledgerOf, runCli } from '../services/process.ts';

const WORD = 'this-one-kills';
const PRELOAD = new URL('./die-of.js', import.meta.url).href;

/** A pipeline into a file, whose runs die of one word. */
function place(source: string, put: (name: string, content: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `source: ${source}
sink: { type: ndjson, path: ${folder}/out.ndjson }
state: { type: file, path: ${folder}/state }
log: { level: warn }
`,
  );
  const aws = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
  /** Without the word that kills. */
  const unharmed = async (...args: string[]): Promise<Ended> => {
    const { code, out, err } = await commandLine([...args, '--config', config], { env: aws });
    return { code, signal: null, stdout: out, stderr: err };
  };
  return {
    put,
    run: ({ BATCH = '1000', ...env }: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      runCli(['run', '--config', config, '--set', `pipeline.batch_records=${BATCH}`], {
        env: { ...aws, DIE_OF: WORD, NODE_OPTIONS: `--import ${PRELOAD}`, ...env },
      }),
    unharmed,
    letters: (...args: string[]): Promise<Ended> => unharmed('dead-letters', ...args),
    replay: (env: NodeJS.ProcessEnv, ...args: string[]) =>
      runCli(['dead-letters', 'replay', ...args, '--config', config], {
        env: { ...aws, NODE_OPTIONS: `--import ${PRELOAD}`, ...env },
      }),
    /** How often each detection arrived. */
    delivered(): Map<string, number> {
      const counts = new Map<string, number>();
      const out = join(folder, 'out.ndjson');
      if (!existsSync(out)) return counts;
      for (const line of readFileSync(out, 'utf8').trimEnd().split('\n')) {
        const event = whole(line)?.event;
        // A kill in the middle of a write leaves half a line; its document is sent again.
        if (event === undefined) continue;
        counts.set(event.id, (counts.get(event.id) ?? 0) + 1);
      }
      return counts;
    },
  };
}

function whole(line: string): { event: { id: string } } | undefined {
  try {
    return JSON.parse(line) as { event: { id: string } };
  } catch {
    return undefined;
  }
}

function folderPlace() {
  const input = mkdtempSync(join(tmpdir(), 'killed-in-'));
  return place(`{ type: file, path: ${input} }`, (name, content) =>
    writeFileSync(join(input, name), content),
  );
}

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, at) => `${JSON.stringify(detection(7, from + at))}\n`).join('');
const deadly = (at: number): string => `${JSON.stringify({ ...detection(7, at), note: WORD })}\n`;

let s3: ScriptedS3;
let prefixes = 0;
beforeAll(async () => {
  s3 = await scriptedS3();
});
afterAll(() => s3.close());

function bucketPlace(prefix = `${(prefixes += 1)}/`) {
  const connection = `bucket: scripted, endpoint: '${s3.url}', force_path_style: true, region: us-east-1`;
  return place(
    `{ type: s3, ${connection}, prefixes: ['${prefix}'], start: beginning }`,
    (name, content) => void s3.put(`${prefix}${name}`, content),
  );
}

describe('an object that kills the process', () => {
  it.each(
    rows(1, [
      ['a bucket', 'SIGKILL', bucketPlace] as const,
      ['a folder', 'SIGABRT', folderPlace] as const,
      ['a folder', 'SIGKILL', folderPlace] as const,
      ['a bucket', 'SIGABRT', bucketPlace] as const,
    ]),
  )(
    'from %s, by %s, is a dead letter after three deaths alone, and does not block the others',
    async (_, signal, make) => {
      const { put, run, unharmed, letters, ...destination } = make();
      const env = signal === 'SIGABRT' ? { DIE_BY: 'abort' } : {};
      for (let at = 0; at < 6; at += 1) put(`${at}.json`, at === 3 ? deadly(at) : lines(at, 1));
      const ends: Ended[] = [];
      for (let runs = 0; runs < 10; runs += 1) {
        const end = await run(env);
        ends.push(end);
        // After the second death, all the others are there.
        if (runs > 1) expect(destination.delivered().size).toBe(5);
        if (end.signal === null) break;
      }
      expect(ends.map((end) => end.signal ?? end.code)).toEqual([signal, signal, signal, signal, 3]);
      expect([...destination.delivered().values()]).toEqual([1, 1, 1, 1, 1]);
      const last = ledgerOf(ends.at(-1) as Ended);
      expect(last.read).toBe(1);
      expect(last.dead_lettered).toBe(1);
      const listed = await letters('list');
      expect(listed.stdout).toContain('killed_process');
      expect(listed.stdout).toContain('3.json');

      const next = await unharmed('run');
      expect(next.code).toBe(0);
      expect(ledgerOf(next).read).toBe(0);
      put('6.json', lines(6, 1));
      expect((await unharmed('run')).code).toBe(0);
      expect(destination.delivered().size).toBe(6);
      const replayed = await letters('replay');
      expect([replayed.code, ledgerOf(replayed).delivered]).toEqual([0, 1]);
      expect([...destination.delivered().values()]).toEqual([1, 1, 1, 1, 1, 1, 1]);
    },
  );
});

describe('what a run buried', () => {
  const places = [['a bucket', bucketPlace] as const, ['a folder', folderPlace] as const];
  (FULL ? places : []).forEach(([name, make]) => {
    it(`killed the process: from ${name} it is delivered by a replay once the cause is gone`, async () => {
      const { put, run, letters, ...destination } = make();
      put('0.json', lines(0, 3));
      put('1.json', `${lines(3, 2)}${deadly(5)}${lines(6, 2)}`);
      put('2.json', lines(8, 2));
      const ends: Ended[] = [];
      for (let runs = 0; runs < 10 && ends.at(-1)?.signal !== null; runs += 1) ends.push(await run());
      expect(ends.at(-1)?.code).toBe(3);
      expect(destination.delivered().size).toBe(5);

      const replayed = await letters('replay');
      expect([replayed.code, ledgerOf(replayed).delivered]).toEqual([0, 5]);
      expect([...destination.delivered().values()]).toEqual(Array.from({ length: 10 }, () => 1));
      expect(await letters('list')).toMatchObject({ code: 0, stdout: '' });
      expect(ledgerOf(await letters('replay')).read).toBe(0);
    });
  });

  // Each of these full tests starts the program a dozen times.
  itInFull('killed the process when half read: a replay continues after what was acked', async () => {
    const { put, run, letters, ...destination } = folderPlace();
    put('0.json', `${lines(0, 1_000)}${deadly(1_000)}${lines(1_001, 9)}`);
    const ends: Ended[] = [];
    for (let runs = 0; runs < 25 && ends.at(-1)?.signal !== null; runs += 1)
      ends.push(await run({ BATCH: '100' }));
    expect(ends.at(-1)?.code).toBe(3);
    const before = destination.delivered();
    expect(before.size).toBeGreaterThan(0);

    const replayed = await letters('replay');
    const { read } = ledgerOf(replayed);
    expect(replayed.code).toBe(0);
    expect(read).toBeLessThan(1_010);
    expect(destination.delivered().size).toBe(1_010);
    const sent = [...destination.delivered().values()].reduce((sum, count) => sum + count, 0);
    expect(sent).toBe([...before.values()].reduce((sum, count) => sum + count, 0) + (read ?? 0));
  });

  it('could not be read in three runs: a replay delivers it once it is readable', async () => {
    const { put, unharmed, letters, ...destination } = bucketPlace('unreadable/');
    for (let at = 0; at < 3; at += 1) put(`${at}.json`, lines(at * 3, 3));
    const denied = { status: 403, code: 'AccessDenied' } as const;
    s3.fault = ({ operation, key }) =>
      operation !== 'list' && key === 'unreadable/1.json' ? denied : undefined;
    const codes: (number | null)[] = [];
    for (let runs = 0; runs < 3; runs += 1) codes.push((await unharmed('run')).code);
    expect(codes).toEqual([4, 4, 3]);
    expect(destination.delivered().size).toBe(6);
    const refused = await letters('replay');
    expect([refused.code, ledgerOf(refused).dead_lettered]).toEqual([3, 1]);

    s3.fault = () => undefined;
    const replayed = await letters('replay');
    expect([replayed.code, ledgerOf(replayed).delivered]).toEqual([0, 3]);
    expect([...destination.delivered().values()]).toEqual(Array.from({ length: 9 }, () => 1));
    expect(await letters('list')).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('a letter whose replay kills the process', () => {
  itInFull(
    'does not hold up the others, is skipped after three deaths, and is replayed when it is named',
    async () => {
      const { put, run, replay, ...destination } = folderPlace();
      const broken = (at: number): string => `{"id":7,"n":${at}}\n`;
      for (let at = 0; at < 6; at += 1) put(`${at}.json`, broken(at));
      expect((await run()).code).toBe(3);
      // They can be read now, and one of them kills; that changes nothing about the objects they belong to.
      const deadlyLetters = { DIE_OF: '"n":3' };
      const ends: Ended[] = [];
      for (let tries = 0; tries < 4; tries += 1) ends.push(await replay(deadlyLetters));
      expect(ends.map((end) => end.signal ?? end.code)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', 3]);
      const last = ends[3] as Ended;
      expect([ledgerOf(last).read, ledgerOf(last).dead_lettered]).toEqual([6, 6]);
      expect(last.stderr).toContain('left alone');
      const id = /"letter":"(\w+)"/.exec(last.stderr)?.[1] ?? '';

      // Each replay tries the others, and does not even open this one after them.
      expect((await replay(deadlyLetters)).code).toBe(3);
      expect((await replay(deadlyLetters, id)).signal).toBe('SIGKILL');
      const named = await replay({ DIE_OF: '' }, id);
      expect([named.code, ledgerOf(named).read]).toEqual([3, 1]);
      expect((await replay({ DIE_OF: '' }, 'ffff-none')).code).toBe(2);
      expect(destination.delivered().size).toBe(0);
    },
  );
});
