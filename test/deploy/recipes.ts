import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { CONFIG_FILE, cronJob, overlayConfig, text } from './artefacts.ts';
import { credentials, execStart } from './systemd.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const SERVICE = 'stepsecurity-siem.service';
const HOME = '/home/siem';

interface Started {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A way to start the program on a schedule, as it ships, on a machine whose `/` is the folder `root`. */
export interface Recipe {
  /** The configuration it comes with, to be filled in. */
  readonly config: string;
  /** The files it reads secrets from, which it may not write. */
  readonly secrets: readonly string[];
  readonly start: (root: string) => Started;
}

/** Moves the absolute paths of a machine, except those of its shell and tools, below another folder. */
const below = (root: string, words: string): string =>
  words.replaceAll(/(?<![\w.])\/(?:app|etc|home|run|usr\/local|var)\//g, (path) => `${root}${path}`);

/** The environment that Debian's cron gives a job: nothing from the one cron was started in. */
function cronLine(line: string, root: string): Started {
  const home = join(root, HOME);
  const env = { HOME: home, LOGNAME: 'siem', SHELL: '/bin/sh', PATH: '/usr/bin:/bin' };
  return { command: ['/bin/sh', '-c', line], cwd: home, env };
}

function crontab(root: string): Started {
  const [, line = ''] = /^(?:[\d*/,-]+ ){5}\S+ (.+)$/m.exec(text('cron/stepsecurity-siem.crontab')) ?? [];
  return cronLine(below(root, line), root);
}

function systemd(root: string): Started {
  const given = join(root, 'run/credentials', SERVICE);
  mkdirSync(given, { recursive: true });
  for (const { name, file } of credentials(SERVICE)) cpSync(below(root, file), join(given, name));
  const [file = '', ...args] = execStart(SERVICE, {});
  const env = { CREDENTIALS_DIRECTORY: given, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin' };
  return { command: [below(root, file), ...args.map((arg) => below(root, arg))], cwd: '/', env };
}

function pod(root: string): Started {
  const image = text('docker/Dockerfile');
  const [node = '', ...entry] = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(image)?.[1] ?? '[]') as string[];
  const args = [...entry, ...cronJob.template.spec.containers[0].args].map((word) => below(root, word));
  const [, name = '', value = ''] = /^ENV (\w+)=(.+)$/m.exec(image) ?? [];
  return { command: [node, ...args], cwd: '/', env: { [name]: value, PATH: dirname(process.execPath) } };
}

export const RECIPES: Readonly<Record<string, Recipe>> = {
  crontab: {
    config: text('cron/config.yaml'),
    secrets: ['/etc/stepsecurity-siem/elasticsearch-api-key'],
    start: crontab,
  },
  'systemd unit': {
    config: text('cron/config.yaml'),
    secrets: credentials(SERVICE).map(({ file }) => file),
    start: systemd,
  },
  CronJob: {
    config: readFileSync(overlayConfig('s3-elasticsearch'), 'utf8'),
    secrets: ['/run/secrets/stepsecurity-siem/elasticsearch-api-key'],
    start: pod,
  },
};

/** Installs the files of a recipe below `root`. `fillIn` edits the configuration as the operator would. */
export function layOut(
  root: string,
  recipe: Recipe,
  secret: string,
  fillIn: (config: Record<string, unknown>) => object,
): void {
  for (const folder of [
    'app',
    'usr/local/bin',
    'var/lib/stepsecurity-siem',
    'var/log/stepsecurity-siem',
    HOME,
  ])
    mkdirSync(join(root, folder), { recursive: true });
  symlinkSync(process.execPath, join(root, 'usr/local/bin/node'));
  // As npm links it, and as the image installs it.
  symlinkSync(CLI, join(root, 'usr/local/bin/stepsecurity-siem'));
  symlinkSync(dirname(CLI), join(root, 'app/dist'));
  for (const file of recipe.secrets) put(root, file, `${secret}\n`);
  const config = parse(below(root, recipe.config)) as Record<string, unknown>;
  put(root, CONFIG_FILE, JSON.stringify(fillIn(config)));
}

function put(root: string, file: string, content: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content, { mode: 0o400 });
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** Runs it with that environment and no other variables, and returns what it printed. */
export function ran({ command: [file, ...args], cwd, env }: Started): Promise<Ran> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => (out += piece));
    child.on('error', fail).on('close', (code) => done({ code, out }));
  });
}
