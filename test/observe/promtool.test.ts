import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { describeWith, need } from '../services/require.ts';

/** Prometheus' own judgement of what is written for it. */
describeWith(['PROMTOOL'], 'promtool', () => {
  it('has nothing against the textfile, whatever the kinds are called', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'promtool-'));
    mkdirSync(join(folder, 'in'));
    const kinds = ['Reverse-Shell', 'a"b\\c\nd} 5', '# HELP x', '\u0000\u2028', '{kind="x"} 1'];
    const lines = kinds.map((kind, at) => JSON.stringify(payloadOf(kind, { event_id: `e${at}` })));
    writeFileSync(join(folder, 'in', 'a.ndjson'), lines.join('\n'));
    const config = join(folder, 'config.yaml');
    writeFileSync(
      config,
      `source: { type: file, path: in }
sink: { type: ndjson, path: out.ndjson }
state: { type: file, path: state }
metrics: { textfile: siem.prom }
`,
    );
    for (const _ of [1, 2]) {
      expect((await commandLine(['run', '--config', config])).code).toBe(0);
      const input = readFileSync(join(folder, 'siem.prom'), 'utf8');
      const { status, stdout, stderr } = spawnSync(need('PROMTOOL'), ['check', 'metrics'], { input });
      expect([status, String(stdout), String(stderr)]).toEqual([0, '', '']);
      expect(input.match(/^stepsecurity_siem_detections_total\{/gm)).toHaveLength(kinds.length);
    }
  });

  it('has nothing against the rules, and each raises its alarm', async () => {
    for (const [verb, file] of [
      ['check', 'rules.yaml'],
      ['test', 'rules.test.yaml'],
    ] as const) {
      const { stdout } = await promisify(execFile)(need('PROMTOOL'), [verb, 'rules', file], {
        cwd: 'deploy/prometheus',
      });
      expect(stdout).toContain('SUCCESS');
    }
  });
});
