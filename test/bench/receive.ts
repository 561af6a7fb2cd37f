import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { scratch } from './measure.ts';

const SERVER = fileURLToPath(new URL('./receive-server.js', import.meta.url));
const CONNECTIONS = 64;
const SECONDS = 10;

export const hasWrk = (): boolean => spawnSync('wrk', ['-v']).error === undefined;

interface Loaded {
  readonly perSecond: number;
  readonly p50: string;
  readonly p99: string;
  readonly answered: number;
  readonly stored: number;
  readonly files: number;
  readonly cpuMs: number;
}

/** Requests of 1 kB over loopback, with wrk on the same machine: one sync for each, and one for what arrived together. */
export async function benchReceive(): Promise<void> {
  for (const [name, groupBytes] of [
    ['a sync for each request', 1],
    ['group commit', 16 * 2 ** 20],
  ] as const) {
    const { perSecond, p50, p99, answered, stored, files, cpuMs } = await load(groupBytes);
    console.log(
      `receive, ${name}: ${Math.round(perSecond)} requests/s, p50 ${p50}, p99 ${p99}, ${cpuMs.toFixed(2)} ms CPU each; ` +
        `${answered} answered, ${stored} stored in ${files} files`,
    );
    if (stored < answered) throw new Error('requests that were answered are missing');
  }
}

async function load(groupBytes: number): Promise<Loaded> {
  const folder = scratch();
  const script = join(folder, 'post.lua');
  writeFileSync(join(folder, 'body.json'), bodyOf(1_000));
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.headers["Authorization"] = "Bearer only-for-the-benchmark"\n` +
      `local file = io.open("${folder}/body.json")\nwrk.body = file:read("*a")\nfile:close()\n` +
      `done = function(summary)\n  io.write("answered " .. summary.requests - summary.errors.status .. "\\n")\nend\n`,
  );
  const server = spawn(process.execPath, [SERVER, folder, String(groupBytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const address = String((await lines.next()).value);
  const text = execFileSync(
    'wrk',
    ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--latency', '-s', script, `http://${address}/webhook`],
    { encoding: 'utf8' },
  );
  server.kill('SIGTERM');
  const cpuSeconds = Number((await lines.next()).value);
  await once(server, 'close');
  const files = readdirSync(join(folder, 'spool'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const stored = files.reduce(
    (sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name), 'utf8').split('\n').length - 1,
    0,
  );
  const figure = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '?';
  const answered = Number(figure(/^answered (\d+)/m));
  return {
    perSecond: Number(figure(/Requests\/sec: *([\d.]+)/)),
    p50: figure(/50% *(\S+)/),
    p99: figure(/99% *(\S+)/),
    answered,
    stored,
    files: files.length,
    cpuMs: (cpuSeconds * 1_000) / answered,
  };
}

/** One detection of so many bytes. */
function bodyOf(bytes: number): string {
  const detection = { id: 'Domain-Blocked', event_id: 'e', owner: 'acme', repo: 'shop', pad: '' };
  return JSON.stringify({ ...detection, pad: 'x'.repeat(bytes - JSON.stringify(detection).length) });
}
