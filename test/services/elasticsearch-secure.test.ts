import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import type { Finding, JsonObject, Outcome } from '../../src/contracts/types.ts';
import { dial } from '../../src/sinks/elasticsearch/dial.ts';
import { elasticsearch } from '../../src/sinks/elasticsearch/index.ts';
import { detection } from '../bench/generate.ts';
import { documentsOf, testContext, testDocument, testHeartbeat } from '../contract/sink.ts';
import { live } from '../live.ts';
import { freshNamespace } from './elasticsearch.ts';
import { runCli } from './process.ts';
import { describeWith, need } from './require.ts';

const role = (name: string): JsonObject =>
  JSON.parse(
    readFileSync(new URL(`../../deploy/elasticsearch/roles/${name}.json`, import.meta.url), 'utf8'),
  ) as JsonObject;
const fates = (outcomes: readonly Outcome[]): string[] => outcomes.map((outcome) => outcome.fate);

const names = ['ELASTICSEARCH_SECURE_URL', 'ELASTICSEARCH_SECURE_PASSWORD'];
describeWith(names, 'the elasticsearch sink on a server with security, by least privilege', () => {
  const url = need('ELASTICSEARCH_SECURE_URL');
  const password = need('ELASTICSEARCH_SECURE_PASSWORD');
  const ca = need('ELASTICSEARCH_SECURE_CA');
  const trust = ca === '' ? {} : { ca_file: ca };
  const namespace = freshNamespace('secure');
  const keys = new Map<string, string>();
  const context = () => ({
    ...testContext(),
    samples: () => [testDocument('sample'), testDocument('sample-2', { dataset: 'threat_intel' })],
  });
  const options = (over: Record<string, unknown>) =>
    elasticsearch.schema.parse({ urls: [url], namespace, ...trust, ...over });
  const write = async (over: Record<string, unknown>, count = 2): Promise<readonly Outcome[]> => {
    const sink = await elasticsearch.create(options(over), context());
    try {
      return await sink.write(documentsOf(count), live);
    } finally {
      await sink.close?.();
    }
  };
  const check = async (over: Record<string, unknown>): Promise<Finding[]> => {
    const findings: Finding[] = [];
    for await (const finding of elasticsearch.check?.(options(over), context()) ?? []) findings.push(finding);
    return findings;
  };
  const setup = async (over: Record<string, unknown>): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of elasticsearch.setup?.(options(over), context(), false) ?? []) lines.push(line);
    return lines;
  };

  /** Runs something as the superuser, in the server's dialect. */
  async function asAdmin<T>(act: (client: Client) => Promise<T>): Promise<T> {
    const { cluster, close } = await dial(options({ username: 'elastic', password }), live);
    try {
      return await act(cluster.client);
    } finally {
      close();
    }
  }

  async function makeKey(name: string, ...descriptors: JsonObject[]): Promise<string> {
    const body = {
      name: `${name}-${namespace}`,
      role_descriptors: Object.fromEntries(descriptors.map((one, nth) => [`role-${nth}`, one])),
      expiration: '1h',
    };
    const path = '/_security/api_key';
    const { encoded } = await asAdmin((client) =>
      client.transport.request<{ encoded: string }>({ method: 'POST', path, body }),
    );
    return encoded;
  }

  beforeAll(async () => {
    keys.set('run', await makeKey('run', role('run')));
    keys.set('setup', await makeKey('setup', role('setup')));
    // A server without a failure store refuses a role that names the privilege for it.
    const [major = 0, minor = 0] = (await asAdmin((client) => client.info())).version.number
      .split('.')
      .map(Number);
    const stores = major === 8 ? minor >= 19 : minor >= 1;
    const verify = role(stores ? 'verify' : 'verify-without-failure-store');
    keys.set('verify', await makeKey('verify', verify));
    keys.set('repair', await makeKey('repair', verify, role('run')));
    keys.set('none', await makeKey('none', { cluster: ['monitor'], indices: [] }));
    await setup({ api_key: keys.get('setup') });
  });

  afterAll(async () => {
    for (const name of [`logs-stepsecurity.*-${namespace}`, `metrics-stepsecurity.*-${namespace}`]) {
      await asAdmin((client) => client.indices.deleteDataStream({ name }));
    }
  });

  it('refuses a wrong password', async () => {
    await expect(write({ username: 'elastic', password: `${password}-not` })).rejects.toThrow(ConfigError);
  });

  it('stops without a privilege', async () => {
    await expect(write({ api_key: keys.get('none') })).rejects.toThrow(ConfigError);
  });

  it('says which privileges are missing', async () => {
    const findings = await check({ api_key: keys.get('none') });
    const privileges = findings.find(({ check: name }) => name === 'index privileges');
    expect(privileges).toMatchObject({ status: 'failed', detail: expect.stringContaining('create_doc on') });
  });

  it('writes with the run role twice, across a rollover, and can do no more', async () => {
    const over = { api_key: keys.get('run') };
    const sink = await elasticsearch.create(options(over), context());
    const documents = documentsOf(3);
    expect(fates(await sink.write(documents, live))).toEqual(Array(3).fill('delivered'));
    for (let round = 0; round < 2; round += 1) {
      const alias = `logs-stepsecurity.detection-${namespace}`;
      await asAdmin((client) => client.indices.rollover({ alias }));
      // The third-newest index is searched, and a search sees a document after the next refresh, within a second.
      await sleep(1_500);
    }
    const again = await elasticsearch.create(options(over), context());
    expect(fates(await again.write(documents, live))).toEqual(Array(3).fill('duplicate'));
    await sink.close?.();
    await again.close?.();
    await expect(setup(over)).rejects.toThrow(ConfigError);
  });

  it('may simulate with the run role, so that an empty stream’s template can be tested', async () => {
    const sink = await elasticsearch.create(options({ api_key: keys.get('run') }), context());
    const bad = Array.from({ length: 25 }, (_, nth) =>
      testDocument(`bad-${nth}`, { dataset: 'threat_intel', json: Buffer.from('{"@timestamp":"no time"}') }),
    );
    expect(fates(await sink.write(bad, live))).toEqual(Array(25).fill('rejected'));
    const good = [testDocument('good', { dataset: 'threat_intel' })];
    expect(fates(await sink.write(good, live))).toEqual(['delivered']);
    await sink.close?.();
  });

  it('finds what is stored and what is missing with the verify role, and writes nothing', async () => {
    const over = { api_key: keys.get('verify') };
    const there = testDocument('sent-to-be-verified');
    const writer = await elasticsearch.create(options({ api_key: keys.get('run') }), context());
    expect(fates(await writer.write([there], live))).toEqual(['delivered']);
    await writer.close?.();
    const sink = await elasticsearch.create(options(over), context());
    expect(await sink.stored?.([there, testDocument('never-sent')], live)).toEqual([
      { is: 'stored', fingerprint: 'f'.repeat(32), origin: 's3://bucket/key' },
      { is: 'missing' },
    ]);
    // Read without an error; nothing was deleted yet.
    expect(await sink.reach?.(live)).toBeUndefined();
    await sink.close?.();
    await expect(write(over)).rejects.toThrow(ConfigError);
  });

  it('has no complaints about the run role', async () => {
    const findings = await check({ api_key: keys.get('run') });
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(findings.map(({ check: name }) => name)).toContain('index privileges');
  });

  it('a probe checks only the credentials: it accepts the run role’s, and not a revoked key', async () => {
    const taken = await elasticsearch.create(options({ api_key: keys.get('run') }), context());
    await taken.probe?.(live);
    await taken.close?.();
    const key = await makeKey('gone', role('run'));
    await asAdmin((client) => client.security.invalidateApiKey({ name: `gone-${namespace}` }));
    const gone = await elasticsearch.create(options({ api_key: key }), context());
    await expect(gone.probe?.(live)).rejects.toThrow(ConfigError);
    await gone.close?.();
  });

  it('stores a heartbeat once with the run role, in a stream with its own retention', async () => {
    const sink = await elasticsearch.create(options({ api_key: keys.get('run') }), context());
    await sink.heartbeat?.(testHeartbeat(), live);
    await sink.heartbeat?.(testHeartbeat(), live);
    await sink.close?.();
    const index = `metrics-stepsecurity.feed-${namespace}`;
    const [found, settings] = await asAdmin(async (client) => {
      await client.indices.refresh({ index });
      const { hits } = await client.search<JsonObject>({
        index,
        query: { exists: { field: 'stepsecurity.feed.read' } },
      });
      return [hits.hits, Object.values(await client.indices.getSettings({ index }))];
    });
    expect(found).toHaveLength(1);
    expect(settings).toHaveLength(1);
    expect(settings[0]?.settings?.index?.lifecycle?.name).toBe('metrics-stepsecurity.feed');
  });

  it('stops with the run role at a stream from another template, after one document', async () => {
    const name = `foreign_${namespace}`;
    const stream = `logs-stepsecurity.detection-${name}`;
    await asAdmin((client) =>
      client.indices.putIndexTemplate({ name, index_patterns: [stream], data_stream: {}, priority: 900 }),
    );
    try {
      await expect(write({ api_key: keys.get('run'), namespace: name }, 30)).rejects.toThrow(/run setup/);
      const stored = await asAdmin(async (client) => {
        await client.indices.refresh({ index: stream });
        return client.count({ index: stream });
      });
      expect(stored.count).toBe(1);
      await expect(write({ api_key: keys.get('run'), namespace: name })).rejects.toThrow(ConfigError);
    } finally {
      await asAdmin(async (client) => {
        await client.indices.deleteDataStream({ name: stream });
        await client.indices.deleteIndexTemplate({ name });
      });
    }
  });

  it('runs each command with the role that the README names for it, and setup with no other role', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'each-command-'));
    const input = join(folder, 'export.json');
    // The second line becomes a dead letter, for the dead-letters commands.
    writeFileSync(input, `${JSON.stringify(detection(20, 1))}\n{"not": json}\n`);
    const config = join(folder, 'config.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        source: { type: 'file', path: input },
        sink: { type: 'elasticsearch', urls: [url], namespace, ...trust, api_key: '${KEY}' },
        state: { type: 'file', path: join(folder, 'state') },
        log: { level: 'error' },
      }),
    );
    const window = ['--from', '2000-01-01', '--to', '2100-01-01'];
    for (const [key, code, ...words] of [
      ['run', 2, 'setup'],
      ['setup', 0, 'setup'],
      ['run', 0, 'check'],
      ['run', 3, 'run'],
      ['run', 0, 'run'],
      ['run', 3, 'backfill'],
      ['run', 0, 'state', 'show'],
      ['run', 0, 'dead-letters', 'list'],
      ['run', 3, 'dead-letters', 'replay'],
      ['verify', 0, 'verify', ...window],
      ['repair', 0, 'verify', ...window, '--repair'],
    ] as const) {
      const ended = await runCli([...words, '--config', config], { env: { KEY: keys.get(key) ?? '' } });
      expect([words, ended.code, ended.code === code ? '' : ended.stderr]).toEqual([words, code, '']);
    }
  });

  it('sets up with the setup role, and changes nothing the second time', async () => {
    const lines = await setup({ api_key: keys.get('setup') });
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line).toMatch(/: unchanged$/);
  });

  if (ca !== '') {
    const fingerprint = new X509Certificate(readFileSync(ca)).fingerprint256;
    const pinned = (value: string) => ({
      api_key: keys.get('run'),
      ca_file: undefined,
      ca_fingerprint: value,
    });

    it('trusts only the authorities in its configuration', async () => {
      const stranger = { api_key: keys.get('run'), ca_file: undefined };
      await expect(write(stranger)).rejects.toThrow(ConfigError);
      await expect(write(stranger)).rejects.toThrow(/ca_file/);
    });

    it('refuses another fingerprint', async () => {
      await expect(write(pinned('ab'.repeat(32)))).rejects.toThrow(/ca_fingerprint/);
    });

    it('trusts the authority with the fingerprint', async () => {
      expect(fates(await write(pinned(fingerprint)))).toEqual(['delivered', 'delivered']);
    });
  }
});
