import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import stringWidth from 'string-width';
import { ROOT } from '../markdown.ts';
import { openTerminal, type TerminalOptions } from './tmux.ts';

/**
 * What a person sees of each command, in a real terminal. Golden text is in `screens/`; review it before you accept a
 * change: FULL=1 UPDATE_GOLDEN=1 npm run jest -- test/terminal/screens
 */
const SCREENS = new URL('screens/', import.meta.url);

const range = '--from 2025-01-01 --to 2026-03-01';

/** In the order of a first day: each starts with what the ones before it left. */
const SCENES = [
  '--help',
  'run --help',
  'init --file in --elasticsearch https://es.example:9200 --api-key-file es-key --state state --output first.yaml < /dev/null',
  'config -c good.yaml',
  'check -c good.yaml',
  'check -c dead.yaml',
  'check -c wrong.yaml',
  'setup -c good.yaml',
  'state show -c good.yaml',
  'dead-letters list -c good.yaml',
  `backfill ${range} --dry-run -c good.yaml`,
  'run -c good.yaml',
  'run -c good.yaml --file more',
  'run -c good.yaml',
  'run -c dead.yaml',
  'state show -c good.yaml',
  'dead-letters list -c good.yaml',
  'dead-letters replay -c good.yaml',
  `verify ${range} -c good.yaml`,
  'dead-letters discard --stage read --yes -c good.yaml',
  `verify ${range} -c good.yaml --ndjson elsewhere/`,
  `backfill ${range} -c good.yaml`,
  `backfill ${range} -c good.yaml`,
  'map --explain in/secret-in-build-log.json',
  'demo --out demo-out',
  'state rewind --to 2026-01-01 -c good.yaml',
] as const;

/** This many of them, from the first, cover every kind of painting. */
const PAINTED = 13;

const config = (source: string, sink: string, more = ''): string =>
  `source: { type: file, path: ${source} }\nsink: ${sink}\nstate: { type: file, path: state }\n${more}`;
const away = "{ type: elasticsearch, urls: ['http://127.0.0.1:1'] }";

function prepare(): string {
  const folder = mkdtempSync(join(tmpdir(), 'screens-'));
  mkdirSync(join(folder, 'in'));
  for (const name of ['reverse-shell.ndjson', 'secret-in-build-log.json', 'privileged-container.ndjson'])
    copyFileSync(join(ROOT, 'samples', name), join(folder, 'in', name));
  const strange = { id: 'A-Kind-Of-The-Future', event_id: 'e1', timestamp: 1_753_952_400, news: 'x' };
  writeFileSync(join(folder, 'in', 'z.ndjson'), `{"id":7}\n${JSON.stringify(strange)}\n{"broken`);
  writeFileSync(join(folder, 'good.yaml'), config('in', '{ type: ndjson, path: out/ }'));
  writeFileSync(
    join(folder, 'dead.yaml'),
    config('in', away, 'retry: { max_elapsed: 1ms }\nlog: { level: silent }\n').replace(
      'path: state',
      'path: other',
    ),
  );
  writeFileSync(
    join(folder, 'wrong.yaml'),
    config('nowhere', '{ type: ndjson, path: out/ }', 'dead_leters: {}\n'),
  );
  return folder;
}

/** Replaces what differs from run to run, as far as possible without changing the length. */
function steady(text: string, folder: string): string {
  return (
    text
      .replaceAll(ROOT, '/opt/siem/')
      .replaceAll(folder, `${tmpdir()}/screens-XXXXXX`)
      .replace(/\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d\.\d+Z)?/g, '2026-01-01$100:00$2')
      .replace(/\d\d:\d\d\.\d{3}Z/g, '00:00.000Z')
      .replace(/\b(?:no time|[\d.,]+ (?:seconds?|minutes?))(?= ago|\b)/g, 'some seconds')
      .replace(/"duration_seconds":[\d.]+/g, '"duration_seconds":0')
      .replace(/"lag_seconds":\d+/g, '"lag_seconds":0')
      .replace(/"version":"\d+\.\d+\.\d+"/g, '"version":"0.0.0"')
      .replace(/"version":"\d+-[\d.]+"/g, '"version":"0-0"')
      .replace(/[\d,]+\/s\b/g, '0/s')
      // Ids depend on the path of the file.
      .replace(/^[0-9a-f]{8}(?= {2})|(?<=dead-letters show )[0-9a-f]{8}/gm, 'abcdef01')
      .replace(/"id":"[0-9a-f]{32}"/g, '"id":"abcdef01"')
      .replace(/"(?:would_write_bytes|bytes_sent)":\d+/g, '"bytes":0')
  );
}

const PROGRAM = `stepsecurity-siem() { '${process.execPath}' '${join(ROOT, 'dist/cli.js')}' "$@"; }`;

type How = Omit<TerminalOptions, 'cwd' | 'first'>;

interface Played {
  readonly scene: string;
  readonly text: string;
  readonly painted: string;
}

function play(how: How, scenes: readonly string[] = SCENES): Played[] {
  const folder = prepare();
  const terminal = openTerminal({ ...how, cwd: folder, first: PROGRAM });
  try {
    return scenes.map((scene) => {
      const { text, painted, code } = terminal.show(`stepsecurity-siem ${scene}`);
      return { scene, text: `${steady(text, folder)}[exit ${code}]\n`, painted };
    });
  } finally {
    terminal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function piped(): Played[] {
  const folder = prepare();
  try {
    return SCENES.map((scene) => {
      const { stdout, status } = spawnSync('bash', ['-c', `${PROGRAM}\nstepsecurity-siem ${scene}`], {
        cwd: folder,
        encoding: 'utf8',
      });
      return { scene, text: `${steady(stdout, folder)}[exit ${status}]\n`, painted: stdout };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Times within a sentence or a table, which change where it wraps: only the width is checked. */
const UNSTEADY = /^(?:map|demo) /;

const textOf = (played: readonly Played[]): string =>
  played
    .filter(({ scene }) => !UNSTEADY.test(scene))
    .map(({ scene, text }) => `$ stepsecurity-siem ${scene}\n${text}`)
    .join('\n');

function expectGolden(name: string, played: readonly Played[]): void {
  const path = new URL(name, SCREENS);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, textOf(played));
  expect(textOf(played)).toBe(readFileSync(path, 'utf8'));
}

/** Logs, and commands to copy, may be of any length. */
const MAY_BE_LONG = /^\{|^ {2}(?:stepsecurity-siem|node) /;

function expectWithin(columns: number, played: readonly Played[]): void {
  const wide = played.flatMap(({ scene, text }) =>
    text
      .split('\n')
      .filter((line) => stringWidth(line) > columns && !MAY_BE_LONG.test(line))
      .map((line) => `${scene}: ${line}`),
  );
  expect(wide).toEqual([]);
}

const ESCAPE = '\u001b[';

describe('every command, as a person sees it', () => {
  it('in 80 columns', () => {
    const coloured = play({ columns: 80, rows: 24 });
    expectGolden('80x24.txt', coloured);
    expectWithin(80, coloured);
    expect(coloured.filter(({ painted }) => painted.includes(ESCAPE)).length).toBeGreaterThan(10);
    // The same words, without colors.
    for (const how of [{ env: { NO_COLOR: '1' } }, { term: 'dumb' }]) {
      const plain = play({ columns: 80, rows: 24, ...how }, SCENES.slice(0, PAINTED));
      expect(textOf(plain)).toBe(textOf(coloured.slice(0, PAINTED)));
      expect(plain.filter(({ painted }) => painted.includes(ESCAPE)).map(({ scene }) => scene)).toEqual([]);
    }
  }, 300_000);

  it('in 120 columns', () => {
    const wide = play({ columns: 120, rows: 40 });
    expectGolden('120x40.txt', wide);
    expectWithin(120, wide);
  });

  it('into a pipe', () => {
    const plain = piped();
    expectGolden('pipe.txt', plain);
    expect(plain.filter(({ painted }) => painted.includes(ESCAPE))).toEqual([]);
  });
});
