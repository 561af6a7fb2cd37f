import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseShard } from '../../../src/commands/backfill/shard.ts';
import { isOfShard } from '../../../src/contracts/source.ts';
import { ndjson } from '../../bench/generate.ts';
import { commandLine } from '../../command-line.ts';
import { itInFull, sized } from '../../full.ts';
import { runCli } from '../../services/process.ts';
import { ledgerOf } from '../../spawn-cli.ts';

const FATES = ['read', 'delivered', 'duplicate', 'dead_lettered', 'filtered'] as const;

function exportInto(folder: string, files: number): void {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < files; at += 1) {
    writeFileSync(join(folder, `part-${at}.ndjson`), ndjson(7, at * 5, at * 5 + 5));
  }
  writeFileSync(join(folder, 'broken.ndjson'), '{"id": \n');
}

const uidsIn = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event.id as string)
    .sort();

describe('a backfill in shards', () => {
  it.each(['8/8', '-1/2', '1', '0/0', '1/2/3', ''])('refuses --shard %j', (text) => {
    expect(() => parseShard(text)).toThrow('--shard: expected I/N');
  });

  it('assigns every URI to exactly one shard, and gives each shard its part', () => {
    const counts = [0, 0, 0, 0, 0];
    for (let at = 0; at < 5_000; at += 1) {
      const takers = counts.flatMap((_, index) =>
        isOfShard(`s3://bucket/key-${at}`, { index, of: 5 }) ? [index] : [],
      );
      expect(takers).toHaveLength(1);
      counts[takers[0] ?? 0] = (counts[takers[0] ?? 0] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });

  it('is refused for a source without keys to split', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shards-'));
    const set = [
      'source={type: api, customer: acme, api_key: none}',
      `sink={type: ndjson, path: ${folder}/}`,
    ];
    const args = ['backfill', '--shard', '0/2', '--state', join(folder, 'state')];
    const refused = await commandLine([...args, ...set.flatMap((value) => ['--set', value])]);
    expect(refused.err).toContain('--shard: the source api has no keys to split');
    expect(refused.code).toBe(2);
  });

  itInFull(
    'run as N processes side by side gives the same result as one',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'shards-'));
      const source = join(folder, 'export');
      exportInto(source, 60);
      const args = (name: string) => [
        'backfill',
        '--file',
        source,
        '--ndjson',
        join(folder, name),
        '--state',
      ];
      const state = join(folder, 'shared-state');
      const of = sized(4, 2);
      const whole = await commandLine([...args('whole.ndjson'), join(folder, 'state')]);
      const shards = await Promise.all(
        Array.from({ length: of }, async (_, index) => {
          const line = [...args(`shard-${index}.ndjson`), state, '--shard', `${index}/${of}`];
          const { code, stdout: out, stderr: err } = await runCli(line);
          return { code, out, err };
        }),
      );
      expect(shards.filter(({ code }) => code === 0)).toHaveLength(of - 1);
      expect(shards.filter(({ code }) => code === 3)).toHaveLength(1);
      for (const fate of FATES) {
        const sum = shards.reduce((total, shard) => total + ledgerOf(shard)[fate], 0);
        expect([fate, sum]).toEqual([fate, ledgerOf(whole)[fate]]);
      }
      expect(ledgerOf(whole).delivered).toBe(300);
      const parts = shards.map((_, index) => uidsIn(join(folder, `shard-${index}.ndjson`)));
      expect(Math.min(...parts.map((part) => part.length))).toBeGreaterThan(0);
      expect(parts.flat().sort()).toEqual(uidsIn(join(folder, 'whole.ndjson')));

      const again = await commandLine([...args('again.ndjson'), state, '--shard', `1/${of}`]);
      expect(ledgerOf(again).read).toBe(0);
    },
    60_000,
  );
});
