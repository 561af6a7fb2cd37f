import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { globSync } from 'tinyglobby';
import { BUCKETS, METRICS, prometheusName } from '../../src/observe/table.ts';
import { commandLine } from '../command-line.ts';
import { payloadOf } from '../detections/harness.ts';
import { rows } from '../full.ts';
import { ROOT } from '../markdown.ts';
import { type ScriptedHec, SUCCESS, scriptHec } from '../scripted/hec.ts';
import { type Receiver, receiver } from '../scripted/receiver.ts';
import { cli, ledgerOf } from '../spawn-cli.ts';
import { OF_RUNS } from './of-runs.ts';

/** What a run reports to systems that watch it from outside. */

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function opening<T extends { close: () => Promise<void> }>(one: Promise<T>): Promise<T> {
  const made = await one;
  opened.push(made);
  return made;
}

const receiving = (answer?: number | 'hang'): Promise<Receiver> => opening(receiver(answer));
const hec = (): Promise<ScriptedHec> => opening(scriptHec(() => SUCCESS));

/** A configuration in a new folder, with a folder to read. `more` replaces sections. */
function configOf(more: Record<string, unknown>): { folder: string; config: string } {
  const folder = mkdtempSync(join(tmpdir(), 'observe-'));
  mkdirSync(join(folder, 'in'));
  const config = join(folder, 'config.yaml');
  const tree = {
    source: { type: 'file', path: 'in' },
    sink: { type: 'ndjson', path: 'out.ndjson' },
    state: { type: 'file', path: 'state' },
    ...more,
  };
  // YAML accepts JSON.
  writeFileSync(config, JSON.stringify(tree));
  return { folder, config };
}

function put(folder: string, name: string, ...kinds: string[]): void {
  const lines = kinds.map((kind, at) => JSON.stringify(payloadOf(kind, { event_id: `${name}-${at}` })));
  writeFileSync(join(folder, 'in', name), lines.join('\n'));
}

/** The samples in a text, by name and labels, without the labels that all have. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', value] = /^(.*) (\S+)$/.exec(line) ?? [];
      return [
        name.replace(/command="[^"]*",source="[^"]*",sink="[^"]*",?/, '').replace('{}', ''),
        Number(value),
      ];
    }),
  );
}

describe('metrics.textfile', () => {
  it('has the numbers of the ledger, and continues them from run to run', async () => {
    const splunk = await hec();
    const { folder, config } = configOf({
      sink: { type: 'splunk_hec', url: splunk.url, token: 'abcdefgh-token', index: 'main' },
      metrics: { textfile: 'siem.prom' },
    });
    put(folder, 'a.ndjson', 'Reverse-Shell', 'Reverse-Shell', 'Domain-Blocked');
    writeFileSync(join(folder, 'in', 'b.ndjson'), '{"no detection"');
    const first = ledgerOf(await commandLine(['run', '--config', config]));
    const file = join(folder, 'siem.prom');
    const one = samplesOf(readFileSync(file, 'utf8'));
    expect(first.exit_code).toBe(3);
    expect(one.get('stepsecurity_siem_detections_total{fate="delivered",kind="Reverse-Shell"}')).toBe(2);
    expect(one.get('stepsecurity_siem_dead_letters_total')).toBe(first.dead_lettered);
    expect(one.get('stepsecurity_siem_read_size_bytes_total')).toBe(first.counters['bytes_read']);
    expect(one.get('stepsecurity_siem_sent_size_bytes_total')).toBe(first.counters['bytes_sent']);
    expect(one.get('stepsecurity_siem_objects_total{state="read"}')).toBe(first.counters['objects_read']);
    expect(one.get('stepsecurity_siem_last_run_exit_code')).toBe(3);
    expect(one.get('stepsecurity_siem_last_run_timestamp_seconds')).toBe(Date.parse(first.finished) / 1_000);
    const requests = 'stepsecurity_siem_request_duration_seconds_count{request="hec_requests"}';
    expect(one.get(requests)).toBe(first.counters['hec_requests']);

    put(folder, 'c.ndjson', 'Reverse-Shell');
    const second = ledgerOf(await commandLine(['run', '--config', config]));
    const two = samplesOf(readFileSync(file, 'utf8'));
    expect(two.get('stepsecurity_siem_detections_total{fate="delivered",kind="Reverse-Shell"}')).toBe(3);
    expect(two.get('stepsecurity_siem_detections_total{fate="delivered",kind="Domain-Blocked"}')).toBe(1);
    expect(two.get(requests)).toBe(
      (first.counters['hec_requests'] ?? 0) + (second.counters['hec_requests'] ?? 0),
    );
    expect(two.get('stepsecurity_siem_runs_total{exit_code="0"}')).toBe(1);
    expect(two.get('stepsecurity_siem_runs_total{exit_code="3"}')).toBe(1);
    expect(readdirSync(folder).filter((name) => name.includes('.prom'))).toEqual(['siem.prom']);
  });

  it('keeps the last success when a run fails', async () => {
    const { folder, config } = configOf({ metrics: { textfile: 'siem.prom' } });
    put(folder, 'a.ndjson', 'Reverse-Shell');
    await commandLine(['run', '--config', config]);
    const success = 'stepsecurity_siem_last_success_timestamp_seconds';
    const before = samplesOf(readFileSync(join(folder, 'siem.prom'), 'utf8')).get(success);
    rmSync(join(folder, 'in'), { recursive: true });
    const { code } = await commandLine(['run', '--config', config]);
    expect(code).toBeGreaterThan(0);
    const after = samplesOf(readFileSync(join(folder, 'siem.prom'), 'utf8'));
    expect(before).toBeGreaterThan(0);
    expect(after.get(success)).toBe(before);
    expect(after.get('stepsecurity_siem_last_run_exit_code')).toBe(code);
    expect(after.get(`stepsecurity_siem_runs_total{exit_code="${code}"}`)).toBe(1);
  });

  it('that cannot be written is a warning, and leaves no temporary file', async () => {
    const { folder, config } = configOf({ metrics: { textfile: 'away/siem.prom' } });
    put(folder, 'a.ndjson', 'Reverse-Shell');
    const { code, err } = await commandLine(['run', '--config', config]);
    expect(code).toBe(0);
    expect(err).toContain('metrics.textfile: the metrics could not be written');
    expect(existsSync(join(folder, 'away'))).toBe(false);
  });

  it('is not written by a backfill, which a person watches', async () => {
    const { folder, config } = configOf({ metrics: { textfile: 'siem.prom' } });
    put(folder, 'a.ndjson', 'Reverse-Shell');
    const { code } = await commandLine([
      'backfill',
      '--config',
      config,
      '--from',
      '2020-01-01',
      '--to',
      '2027-01-01',
    ]);
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'siem.prom'))).toBe(false);
  });

  it.each([
    [
      'a name that the collector ignores',
      { textfile: 'siem.txt' },
      'metrics.textfile: expected a path that ends in .prom',
    ],
    ['a path inside the source', { textfile: 'in/siem.prom' }, 'metrics.textfile: '],
    ['a port alone', { listen: '9464' }, 'metrics.listen: expected an address and a port'],
    ['an impossible port', { listen: 'localhost:70000' }, 'metrics.listen: expected an address and a port'],
  ])('%s is refused', async (_, metrics, words) => {
    const { config } = configOf({ metrics });
    const { code, err } = await commandLine(['run', '--config', config]);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });
});

describe('metrics.listen', () => {
  const page = (port: number, path = '/metrics'): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      get({ port, path, host: '127.0.0.1' }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      }).on('error', reject);
    });

  it('answers while the program follows, with the totals of all passes', async () => {
    const { folder, config } = configOf({
      metrics: { listen: '127.0.0.1:0' },
      pipeline: { poll_interval: '100ms' },
    });
    put(folder, 'a.ndjson', 'Reverse-Shell', 'Domain-Blocked');
    let looked: Promise<{ status: number; text: string }[]> | undefined;
    const { code, err } = await cli(['run', '--config', config, '--follow'], {
      started(child) {
        let out = '';
        let log = '';
        child.stderr?.on('data', (text: string) => (log += text));
        child.stdout?.on('data', (text: string) => {
          out += text;
          const port = Number(/"address":"127\.0\.0\.1:(\d+)"/.exec(log)?.[1]);
          if (out.split('\n').length < 3 || looked !== undefined) return;
          looked = Promise.all([page(port), page(port, '//'), page(port, '/')]);
          void looked.finally(() => child.kill('SIGTERM'));
        });
      },
    });
    expect(err).not.toContain('"level":"error"');
    expect(code).toBe(0);
    const [metrics, ...others] = (await looked) ?? [];
    expect(others.map(({ status }) => status)).toEqual([404, 404]);
    const samples = samplesOf(metrics?.text ?? '');
    expect(samples.get('stepsecurity_siem_detections_total{fate="delivered",kind="Reverse-Shell"}')).toBe(1);
    expect(samples.get('stepsecurity_siem_runs_total{exit_code="0"}')).toBeGreaterThanOrEqual(2);
    expect(samples.get('stepsecurity_siem_objects_total{state="known"}')).toBeGreaterThanOrEqual(1);
  });

  it('on a port in use is a warning', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    const { config } = configOf({ metrics: { listen: `127.0.0.1:${port}` } });
    const { code, err } = await commandLine(['run', '--config', config]);
    taken.close();
    expect(code).toBe(0);
    expect(err).toContain(`metrics.listen: cannot listen on 127.0.0.1:${port}`);
  });
});

describe('OpenTelemetry', () => {
  interface Point {
    readonly asInt?: number | string;
    readonly asDouble?: number;
    readonly count?: number | string;
    readonly explicitBounds?: number[];
    readonly attributes: readonly {
      readonly key: string;
      readonly value: { readonly stringValue?: string };
    }[];
  }
  interface Sent {
    readonly name: string;
    readonly unit: string;
    readonly description: string;
    readonly sum?: { readonly dataPoints: Point[]; readonly isMonotonic: boolean };
    readonly gauge?: { readonly dataPoints: Point[] };
    readonly histogram?: { readonly dataPoints: Point[] };
  }

  it('gets every metric in the table over OTLP, before the program ends', async () => {
    const [collector, splunk] = [await receiving(), await hec()];
    const { folder, config } = configOf({
      sink: { type: 'splunk_hec', url: splunk.url, token: 'abcdefgh-token', index: 'main' },
    });
    put(folder, 'a.ndjson', 'Reverse-Shell', 'Not-Known');
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    };
    const ledger = ledgerOf(await commandLine(['run', '--config', config], { env }));
    expect(ledger.exit_code).toBe(0);
    const [request, ...more] = collector.requests;
    expect(more).toEqual([]);
    expect(request).toMatchObject({ path: '/v1/metrics', contentType: 'application/json' });
    expect(request?.headers['authorization']).toBe('Bearer abc');
    const { resourceMetrics } = JSON.parse(String(request?.body)) as {
      resourceMetrics: { resource: unknown; scopeMetrics: { metrics: Sent[] }[] }[];
    };
    const resource = JSON.stringify(resourceMetrics[0]?.resource);
    for (const word of ['stepsecurity-siem', 'deployment.environment.name', 'service.version'])
      expect(resource).toContain(word);
    const sent = new Map(resourceMetrics[0]?.scopeMetrics[0]?.metrics.map((one) => [one.name, one]));
    expect([...sent.keys()].sort()).toEqual(OF_RUNS.map(({ name }) => name).sort());
    for (const { name, type, unit = '', description, labels } of OF_RUNS) {
      const one = sent.get(name);
      expect([name, one?.unit, one?.description]).toEqual([name, unit, description]);
      const data = { counter: one?.sum, gauge: one?.gauge, histogram: one?.histogram }[type];
      const keys = data?.dataPoints[0]?.attributes.map(({ key }) => key);
      expect([name, ...(keys ?? [])]).toEqual([name, 'command', 'source', 'sink', ...labels]);
    }
    const durations = sent.get(METRICS.requestDuration.name)?.histogram?.dataPoints[0];
    expect(Number(durations?.count)).toBe(ledger.counters['hec_requests']);
    expect(durations?.explicitBounds).toEqual(BUCKETS);
  });

  it('speaks protobuf unless told otherwise', async () => {
    const collector = await receiving();
    const { config } = configOf({});
    await commandLine(['run', '--config', config], {
      env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector.url}/otlp` },
    });
    expect(collector.requests).toHaveLength(1);
    expect(collector.requests[0]).toMatchObject({ path: '/otlp', contentType: 'application/x-protobuf' });
    expect(collector.requests[0]?.body.includes('stepsecurity_siem.runs')).toBe(true);
  });

  it.each([
    ['it is switched off', { OTEL_SDK_DISABLED: 'true' }],
    ['metrics go nowhere', { OTEL_METRICS_EXPORTER: 'none' }],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
  ])('gets nothing when %s', async (_, env) => {
    const collector = await receiving();
    const { config } = configOf({});
    await commandLine(['run', '--config', config], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
    });
    expect(collector.requests).toEqual([]);
  });

  it('does not support gRPC, and says so', async () => {
    const { config } = configOf({});
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const { code, err } = await commandLine(['run', '--config', config], { env });
    expect(code).toBe(0);
    expect(err).toContain('set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json');
  });

  it('costs nothing when it is not configured: its packages are loaded by two files, and those only by one that is imported on demand', () => {
    const files = globSync('**/*.ts', { cwd: join(ROOT, 'src'), absolute: true });
    const texts = files.map((file) => [basename(file), readFileSync(file, 'utf8')] as const);
    const using = texts.filter(([, text]) => text.includes("from '@opentelemetry/")).map(([name]) => name);
    expect(using.sort()).toEqual(['instruments.ts', 'otlp.ts']);
    const importing = (file: string): string[] =>
      texts
        .filter(([, text]) => new RegExp(`^import (?!type)[^;]*/${file}\\.ts'`, 'm').test(text))
        .map(([name]) => name);
    // A run's and the receiver's, which a run does not load. The one in the configuration's schema is a third.
    expect(importing('instruments')).toEqual(['metrics.ts', 'metrics.ts']);
    expect(importing('otlp')).toEqual(['metrics.ts']);
    expect(importing('observe/metrics')).toEqual([]);
    expect(texts.find(([name]) => name === 'observer.ts')?.[1]).toContain("await import('./metrics.ts')");
  });
});

describe('a receiver that is down', () => {
  const SLOWEST_MS = 5_000;

  it.each(rows(1, ['hang', 'refused', 'broken']))(
    '(%s) delays a run by five seconds at most, and does not change its exit code',
    async (how) => {
      const collector = how === 'refused' ? undefined : await receiving(how === 'hang' ? 'hang' : 503);
      const url = collector?.url ?? 'http://127.0.0.1:9';
      const { folder, config } = configOf({
        ping: { url: `${url}/0b4c7b9a-ping` },
        metrics: { textfile: 'siem.prom' },
      });
      put(folder, 'a.ndjson', 'Reverse-Shell');
      const plain = configOf({});
      put(plain.folder, 'a.ndjson', 'Reverse-Shell');
      const timed = async (path: string, env: NodeJS.ProcessEnv): Promise<[number, string]> => {
        const began = performance.now();
        const { code, err } = await cli(['run', '--config', path], { env });
        expect(code).toBe(0);
        return [performance.now() - began, err];
      };
      const [usual] = await timed(plain.config, {});
      const [took, err] = await timed(config, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
      // On a busy machine loading the exporter takes about as long as a usual run.
      expect(took - 2 * usual).toBeLessThan(SLOWEST_MS);
      expect(err).toContain('metrics could not be sent to OpenTelemetry');
      expect(err).toMatch(/the ping was (?:not answered|refused)/);
      expect(err).not.toContain('0b4c7b9a');
      expect(existsSync(join(folder, 'siem.prom'))).toBe(true);
    },
  );
});

it('a finished run exits, whatever still keeps its process alive', async () => {
  const { folder, config } = configOf({});
  put(folder, 'a.ndjson', 'Reverse-Shell');
  // Like a host name that the resolver never answers for: nothing can cancel it.
  const flags = ['--import', 'data:text/javascript,setInterval(()=>{},1e9)'];
  const finished = await cli(['run', '--config', config], { flags });
  expect(ledgerOf(finished).delivered).toBe(1);
  expect(finished.code).toBe(0);
});

it('names are Prometheus names', () => {
  for (const one of Object.values(METRICS)) {
    const name = prometheusName(one);
    expect(name).toMatch(/^stepsecurity_siem_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(one.type === 'counter');
  }
});
