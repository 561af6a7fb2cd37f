import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { rows } from '../full.ts';
import { type Scripted, script } from '../sinks/elasticsearch/scripted.ts';
import { layOut, RECIPES, ran } from './recipes.ts';

/** The recipes for a schedule, run as they ship, with their own command, environment and files. */

const LOG = 'var/log/stepsecurity-siem/run.log';
let server: Scripted;
let root: string;
beforeAll(async () => {
  server = await script();
});
afterAll(() => server.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'recipes-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each(rows(1, Object.entries(RECIPES)))('%s: runs, and passes on its exit code', async (name, recipe) => {
  layOut(root, recipe, 'key-of-the-run', (config) => ({
    ...config,
    // There is no bucket here: an empty folder takes its place.
    source: { type: 'file', path: join(root, 'var/lib') },
    state: { type: 'file', path: join(root, 'var/cache') },
    dead_letters: {},
    sink: { ...(config['sink'] as object), urls: [server.url] },
  }));
  const said = ({ out }: { out: string }): string =>
    existsSync(join(root, LOG)) ? readFileSync(join(root, LOG), 'utf8') : out;

  const first = await ran(recipe.start(root));
  expect([first.code, said(first)]).toEqual([0, expect.stringContaining('"exit_code":0')]);
  expect(server.seen.at(-1)?.headers.authorization).toBe('ApiKey key-of-the-run');

  for (const secret of recipe.secrets) unlinkSync(join(root, secret));
  // The service manager refuses to start a unit whose credential is missing.
  if (name === 'systemd unit') return;
  const second = await ran(recipe.start(root));
  expect([second.code, said(second)]).toEqual([2, expect.stringContaining('"exit_code":2')]);
  // Cron mails whatever a job prints, so only a failure may print.
  if (name === 'crontab')
    expect([first.out, second.out]).toEqual([
      '',
      expect.stringMatching(/^stepsecurity-siem: exit code 2, see .+run\.log\n$/),
    ]);
});
