import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { detection } from '../bench/generate.ts';
import { commandLine } from '../command-line.ts';
import { ledgerOf, runCli } from '../services/process.ts';
import { ledgerOf as ledgerIn } from '../spawn-cli.ts';

const WORD = 'thïs-is-a-bug';
const PRELOAD = new URL('./throw-of.js', import.meta.url).href;

it('a bug in one record: every command continues with the others, names it, and exits 3', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bugs-'));
  const input = join(folder, 'in.ndjson');
  const lines = Array.from({ length: 5 }, (_, at) =>
    JSON.stringify(at === 2 ? { ...detection(7, at), note: WORD } : detection(7, at)),
  );
  writeFileSync(input, `${lines.join('\n')}\n`);
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `source: { type: file, path: in.ndjson }
sink: { type: ndjson, path: out.ndjson }
state: { type: file, path: state }
log: { level: warn }
`,
  );
  const cli = (...args: string[]) =>
    runCli(args, { env: { NODE_OPTIONS: `--import ${PRELOAD}`, THROW_OF: WORD } });
  const delivered = () =>
    existsSync(join(folder, 'out.ndjson'))
      ? readFileSync(join(folder, 'out.ndjson'), 'utf8').trimEnd().split('\n').length
      : 0;

  const mapped = await cli('map', input);
  expect(mapped.code).toBe(3);
  expect(mapped.stdout.trimEnd().split('\n')).toHaveLength(4);
  expect(mapped.stderr).toContain('"code":"internal_error"');

  const dry = await cli('backfill', '--dry-run', '--config', config);
  expect([dry.code, ledgerOf(dry).dead_lettered, delivered()]).toEqual([3, 1, 0]);

  const run = await cli('run', '--config', config);
  expect([run.code, ledgerOf(run).delivered, ledgerOf(run).dead_lettered]).toEqual([3, 4, 1]);
  expect(run.stderr.match(/a bug in this program: the record/g)).toHaveLength(1);
  expect(run.stderr).toContain('TypeError: this text is a bug');
  expect(delivered()).toBe(4);

  const again = await cli('dead-letters', 'replay', '--config', config);
  expect([again.code, ledgerOf(again).dead_lettered, delivered()]).toEqual([3, 1, 4]);
  const mended = await commandLine(['dead-letters', 'replay', '--config', config]);
  expect([mended.code, ledgerIn(mended).delivered, delivered()]).toEqual([0, 1, 5]);
  expect((await commandLine(['dead-letters', 'list', '--config', config])).out).toBe('');
});
