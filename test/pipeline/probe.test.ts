import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import type { Ledger } from '../../src/account/ledger.ts';
import { routeOf } from '../../src/config/route.ts';
import { configSchema } from '../../src/config/schema.ts';
import { UnavailableError } from '../../src/contracts/errors.ts';
import type { Sink } from '../../src/contracts/types.ts';
import { probed } from '../../src/pipeline/probe.ts';
import { run } from '../../src/pipeline/run.ts';
import { transformFor } from '../../src/session/transform.ts';
import { refusal, scriptHec } from '../scripted/hec.ts';
import { problem, script } from '../sinks/elasticsearch/scripted.ts';
import { TOKEN } from '../sinks/splunk-hec/open.ts';
import { DELIVERED, documentOf, never } from './harness.ts';

const root = mkdtempSync(join(tmpdir(), 'pipeline-probe-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** A run over an empty folder: its exit code, and what stopped it. */
async function idleRun(sink: object): Promise<Pick<Ledger, 'exit_code' | 'error' | 'complete'>> {
  const folder = join(root, String((count += 1)));
  mkdirSync(join(folder, 'in'), { recursive: true });
  const config = configSchema.parse({
    source: { type: 'file', path: join(folder, 'in') },
    state: { type: 'file', path: join(folder, 'state') },
    retry: { initial_delay: '1ms', max_delay: '1ms', max_elapsed: '20ms' },
    log: { level: 'silent' },
    sink,
  });
  const route = routeOf(config);
  const ledgers: Ledger[] = [];
  const code = await run({
    route,
    command: 'run',
    name: 'run',
    stateRequired: true,
    stages: transformFor(route),
    report: (ledger) => ledgers.push(ledger),
  });
  const [ledger] = ledgers;
  if (ledger === undefined) throw new Error('no ledger');
  expect(ledger.exit_code).toBe(code);
  return ledger;
}

const NOBODY = 'http://127.0.0.1:1';

describe('a run with nothing new', () => {
  it('succeeds when the destination is available', async () => {
    const [elasticsearch, hec] = [await script(), await scriptHec(() => refusal(400, 5))];
    try {
      const ends = [
        await idleRun({ type: 'elasticsearch', urls: [elasticsearch.url] }),
        await idleRun({ type: 'splunk_hec', url: hec.url, token: TOKEN }),
        await idleRun({ type: 'ndjson', path: `${root}/out/` }),
      ];
      for (const end of ends) expect(end).toMatchObject({ exit_code: 0, complete: true });
      expect(elasticsearch.bulks()).toEqual([]);
    } finally {
      await elasticsearch.close();
      await hec.close();
    }
  });

  const away = { type: 'elasticsearch', urls: [NOBODY] };
  it.each([
    ['a stopped cluster', away, 4, /greeting Elasticsearch: .*ECONNREFUSED/],
    ['no key file', { ...away, api_key_file: join(root, 'none') }, 2, /sink.api_key_file/],
    ['no CA file', { ...away, ca_file: join(root, 'none') }, 2, /ca_file/],
    ['a stopped Splunk', { type: 'splunk_hec', url: NOBODY, token: TOKEN }, 4, /splunk_hec.*ECONNREFUSED/],
    ['no token file', { type: 'splunk_hec', url: NOBODY, token_file: join(root, 'none') }, 2, /token_file/],
  ] as const)('does not hide %s', async (_, sink, code, reason) => {
    const ledger = await idleRun(sink);
    expect(ledger).toMatchObject({ exit_code: code, complete: false });
    expect(ledger.error).toMatch(reason);
  });

  it('does not hide a refused key or token', async () => {
    const elasticsearch = await script({ other: () => problem(401, 'security_exception') });
    const hec = await scriptHec(() => refusal(403, 4));
    try {
      const refused = [
        await idleRun({ type: 'elasticsearch', urls: [elasticsearch.url] }),
        await idleRun({ type: 'splunk_hec', url: hec.url, token: TOKEN }),
      ];
      expect(refused.map(({ exit_code: code }) => code)).toEqual([2, 2]);
      expect(refused[0]?.error).toContain('the credentials are refused');
      expect(refused[1]?.error).toContain('the token is refused');
    } finally {
      await elasticsearch.close();
      await hec.close();
    }
  });

  it('does not hide a missing folder', async () => {
    writeFileSync(join(root, 'a-file'), '');
    expect((await idleRun({ type: 'ndjson', path: join(root, 'a-file', 'out.ndjson') })).exit_code).toBe(2);
  });
});

describe('the probe at the end of a pass', () => {
  const down = new UnavailableError('down');
  const sink = (): Sink & { asked: number } => {
    const mine = {
      asked: 0,
      write: async (documents: readonly unknown[]) => documents.map(() => DELIVERED),
      probe: async () => {
        mine.asked += 1;
        throw down;
      },
    };
    return mine;
  };

  test.each([
    ['is not sent after a write', 1, false, undefined],
    ['is sent after an empty write', 0, false, down],
    ['is not sent by a run that was told to stop', 0, true, undefined],
  ] as const)('%s', async (_, documents, stopped, error) => {
    const inner = sink();
    const { sink: outer, ask } = probed(inner);
    await outer.write(documents === 0 ? [] : [documentOf('a')], never);
    const stop = stopped ? AbortSignal.abort(new Error('SIGTERM')) : never;
    expect(await ask({ stop, abort: never })).toBe(error);
    expect(inner.asked).toBe(error === undefined ? 0 : 1);
  });

  test.each([
    ['stop', undefined],
    ['abort', 'lease lost'],
  ] as const)('ends with %s', async (which, error) => {
    const controller = new AbortController();
    const { ask } = probed({
      write: async () => [],
      probe: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    });
    const asking = ask({ stop: never, abort: never, [which]: controller.signal });
    controller.abort('lease lost');
    expect(await asking).toBe(error);
  });
});
