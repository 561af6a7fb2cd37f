import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import wrapAnsi from 'wrap-ansi';
import { drawDiagram, type Theme } from '../../scripts/pictures/diagram.ts';
import { drawTerminal } from '../../scripts/pictures/terminal.ts';
import { commandLine } from '../command-line.ts';
import { prose, ROOT } from '../markdown.ts';

/** The pictures in the README are what their scripts draw today. `npm run golden` redraws them. */

function expectCurrent(name: string, drawn: string): void {
  const path = join(ROOT, 'docs/pictures', name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, drawn);
  expect(readFileSync(path, 'utf8')).toBe(drawn);
}

it.each<Theme>(['light', 'dark'])('the diagram, %s', (theme) => {
  expectCurrent(`diagram-${theme}.svg`, drawDiagram(theme));
});

it('the demo, as an 80-column terminal shows it', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'demo-picture-'));
  const { argv } = process;
  try {
    process.argv = [argv[0] ?? '', 'stepsecurity-siem'];
    const env = { NO_COLOR: '', FORCE_COLOR: '1', TERM: 'xterm' };
    const { code, out } = await commandLine(['demo'], { cwd, env, columns: 80 });
    expect(code).toBe(0);
    // Removes what depends on the machine: how long it takes, which may change where a line ends, and the path of the samples.
    const [verdict = '', ...tables] = out.replaceAll(ROOT, '').split('\n\n');
    const usual = verdict.replaceAll('\n', ' ').replace(/ in [\w. ]+:/, ' in 0.4 seconds:');
    const shown = [wrapAnsi(usual, 80), ...tables].join('\n\n');
    expect(shown).toContain('0 in the dead letters');
    expectCurrent('demo.svg', drawTerminal('npm run demo', shown, 80));
  } finally {
    process.argv = argv;
    rmSync(cwd, { recursive: true });
  }
});

it('the README shows them', () => {
  const readme = prose('README.md');
  for (const name of ['diagram-light', 'diagram-dark', 'demo'])
    expect(readme).toContain(`docs/pictures/${name}.svg`);
});
