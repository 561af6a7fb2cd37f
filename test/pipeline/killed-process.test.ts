import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detection } from '../bench/generate.js';
import { type ScriptedS3, scriptedS3 } from '../scripted/s3.ts';
import { type Ended, ledgerOf, runCli } from '../services/process.ts';

const WORD = 'this-one-kills';
const PRELOAD = new URL('./die-of.js', import.meta.url).href;

/** Something that is read into a file, by runs that die of one word. */
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
  return {
    put,
    run: (env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      runCli(['run', '--config', config], {
        env: { ...aws, DIE_OF: WORD, NODE_OPTIONS: `--import ${PRELOAD}`, ...env },
      }),
    cli: (...args: string[]) => runCli([...args, '--config', config], { env: aws }),
    /** How often each detection came. */
    delivered(): Map<string, number> {
      const counts = new Map<string, number>();
      const out = join(folder, 'out.ndjson');
      if (!existsSync(out)) return counts;
      for (const line of readFileSync(out, 'utf8').trimEnd().split('\n')) {
        const { event } = JSON.parse(line) as { event: { id: string } };
        counts.set(event.id, (counts.get(event.id) ?? 0) + 1);
      }
      return counts;
    },
  };
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
beforeAll(async () => {
  s3 = await scriptedS3();
});
afterAll(() => s3.close());

function bucketPlace() {
  const connection = `bucket: scripted, endpoint: '${s3.url}', force_path_style: true, region: us-east-1`;
  return place(
    `{ type: s3, ${connection}, start: beginning }`,
    (name, content) => void s3.put(name, content),
  );
}

describe('an object that kills the process', () => {
  it.each([
    ['a folder', 'SIGKILL', folderPlace],
    ['a folder', 'SIGABRT', folderPlace],
    ['a bucket', 'SIGKILL', bucketPlace],
  ])(
    'of %s, by %s, is a dead letter after three deaths alone, and holds nobody up',
    async (_, signal, make) => {
      const { put, run, cli, ...destination } = make();
      const env = signal === 'SIGABRT' ? { DIE_BY: 'abort' } : {};
      for (let at = 0; at < 6; at += 1) put(`${at}.json`, at === 3 ? deadly(at) : lines(at, 1));
      const ends: Ended[] = [];
      for (let runs = 0; runs < 10; runs += 1) {
        const end = await run(env);
        ends.push(end);
        // From the second death on, all the others are there.
        if (runs > 1) expect(destination.delivered().size).toBe(5);
        if (end.signal === null) break;
      }
      expect(ends.map((end) => end.signal ?? end.code)).toEqual([signal, signal, signal, signal, 3]);
      expect([...destination.delivered().values()]).toEqual([1, 1, 1, 1, 1]);
      const last = ledgerOf(ends.at(-1) as Ended);
      expect(last.read).toBe(1);
      expect(last.dead_lettered).toBe(1);
      const letters = await cli('dead-letters', 'list');
      expect(letters.stdout).toContain('killed_process');
      expect(letters.stdout).toContain('3.json');

      const next = await run(env);
      expect(next.code).toBe(0);
      expect(ledgerOf(next).read).toBe(0);
      put('6.json', lines(6, 1));
      expect((await run(env)).code).toBe(0);
      expect(destination.delivered().size).toBe(6);
    },
    120_000,
  );
});
