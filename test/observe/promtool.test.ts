import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { listen } from '../scripted/listen.ts';
import { describeWith, need } from '../services/require.ts';

const KINDS = ['Reverse-Shell', 'a"b\\c\nd} 5', '# HELP x', '\u0000\u2028', '{kind="x"} 1'];

/** The textfile of a run, and of a second run that continues from it. */
async function* textfiles(): AsyncGenerator<string> {
  const folder = mkdtempSync(join(tmpdir(), 'textfile-'));
  mkdirSync(join(folder, 'in'));
  const lines = KINDS.map((kind, at) => JSON.stringify(payloadOf(kind, { event_id: `e${at}` })));
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
    yield join(folder, 'siem.prom');
  }
}

/** Prometheus' own verdict on the files written for it. */
describeWith(['PROMTOOL'], 'promtool', () => {
  it('accepts the textfile, whatever the names of kinds', async () => {
    for await (const file of textfiles()) {
      const input = readFileSync(file, 'utf8');
      const { status, stdout, stderr } = spawnSync(need('PROMTOOL'), ['check', 'metrics'], { input });
      expect([status, String(stdout), String(stderr)]).toEqual([0, '', '']);
      expect(input.match(/^stepsecurity_siem_detections_total\{/gm)).toHaveLength(KINDS.length);
    }
  });

  it('accepts the rules, and each one fires its alert', async () => {
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

describeWith(['NODE_EXPORTER'], 'node_exporter', () => {
  it('passes the textfile on, sample by sample', async () => {
    const free = createServer();
    const port = await listen(free);
    await new Promise((closed) => free.close(closed));
    for await (const file of textfiles()) {
      const exporter = spawn(
        need('NODE_EXPORTER'),
        [
          `--web.listen-address=127.0.0.1:${port}`,
          '--collector.disable-defaults',
          '--collector.textfile',
          `--collector.textfile.directory=${join(file, '..')}`,
        ],
        { stdio: 'ignore' },
      );
      const ended = new Promise((resolve) => exporter.on('close', resolve));
      try {
        const page = await scrape(`http://127.0.0.1:${port}/metrics`);
        expect(page).toMatch(/^node_textfile_scrape_error 0$/m);
        const ours = page.split('\n').filter((line) => line.startsWith('stepsecurity_siem_'));
        const written = readFileSync(file, 'utf8').match(/^stepsecurity_siem_.*$/gm) ?? [];
        expect(ours.length).toBe(written.length);
      } finally {
        exporter.kill();
        await ended;
      }
    }
  });
});

async function scrape(url: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}
