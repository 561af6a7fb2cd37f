import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { doctor } from '../../../src/commands/check/doctor.ts';
import { routeOf } from '../../../src/config/route.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { Finding } from '../../../src/contracts/types.ts';

/** Accepts connections and never answers, like some hosts behind a firewall. */
let silent: Server;
let url: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => silent.close(done));
});

async function findings(config: object, deadlineMs: number): Promise<Finding[]> {
  const found: Finding[] = [];
  const route = routeOf(configSchema.parse({ log: { level: 'silent' }, ...config }));
  for await (const finding of doctor(route, deadlineMs)) found.push(finding);
  return found;
}

const file = { type: 'file', path: '/nonexistent-input' };
const ndjson = { type: 'ndjson', path: '-' };

describe('a service that never answers', () => {
  const ends: [string, string, () => object][] = [
    [
      'an API',
      'source',
      () => ({ source: { type: 'api', owners: ['acme'], api_key: 'x', url: `${url}/v1` }, sink: ndjson }),
    ],
    [
      'a bucket',
      'source',
      () => ({ source: { type: 's3', bucket: 'b', start: 'now', region: 'x', endpoint: url }, sink: ndjson }),
    ],
    [
      'a queue',
      'source',
      () => ({
        source: { type: 's3', bucket: 'b', region: 'x', endpoint: url, queue_url: `${url}/1/q` },
        sink: ndjson,
      }),
    ],
    [
      'a state',
      'state',
      () => ({ source: file, sink: ndjson, state: { type: 's3', bucket: 'b', region: 'x', endpoint: url } }),
    ],
    ['an Elasticsearch', 'sink', () => ({ source: file, sink: { type: 'elasticsearch', urls: [url] } })],
    ['a HEC', 'sink', () => ({ source: file, sink: { type: 'splunk_hec', url, token: 'x' } })],
  ];
  test.each(ends)(
    '%s is given up at the deadline, and the other checks still report',
    async (_, check, config) => {
      const found = await findings(config(), 300);
      expect(found).toContainEqual(
        expect.objectContaining({
          check,
          status: 'failed',
          detail: expect.stringContaining('no answer within 0.3 s'),
        }),
      );
      expect(found).toContainEqual(expect.objectContaining({ check: 'mappings', status: 'ok' }));
    },
  );
});

it('suggests only a fix that helps: no permission fixes an unknown host', async () => {
  const nowhere = { region: 'x', endpoint: 'http://no-such-host.invalid', force_path_style: true };
  const found = await findings(
    {
      source: { type: 's3', bucket: 'b', start: 'now', prefixes: ['in/'], ...nowhere },
      sink: ndjson,
      state: { type: 's3', bucket: 'b', ...nowhere },
    },
    20_000,
  );
  const failed = found.filter(({ status }) => status === 'failed');
  expect(failed.map(({ check }) => check)).toEqual(['s3 list s3://b/in/', 'state']);
  for (const { detail, fix } of failed) {
    expect(detail).toContain('the host name is not known');
    expect(fix).toBeUndefined();
  }
});

describe('a refused connection', () => {
  const closed = 'http://127.0.0.1:1';
  const s3 = { type: 's3', bucket: 'b', region: 'x', endpoint: closed };
  test.each<[string, object]>([
    [
      'an API',
      { type: 'api', owners: ['acme'], api_key: 'x', url: `${closed}/v1`, threat_intelligence: false },
    ],
    ['a bucket', { ...s3, start: 'now' }],
    ['a queue', { ...s3, queue_url: `${closed}/1/q` }],
  ])('to %s is not mistaken for a missing permission', async (_, source) => {
    const retry = { initial_delay: '1ms', max_delay: '1ms', max_elapsed: '20ms' };
    const failed = (await findings({ source, sink: ndjson, retry }, 60_000)).filter(
      ({ status }) => status === 'failed',
    );
    expect(failed[0]?.detail).toMatch(/ECONNREFUSED|connection/);
    expect(failed.map(({ fix }) => fix)).not.toContainEqual(expect.stringMatching(/allow|key|spelling/i));
  });
});
