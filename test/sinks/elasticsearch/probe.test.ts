import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { exitCodeOf } from '../../../src/account/exit.ts';
import { messageOf } from '../../../src/contracts/errors.ts';
import { elasticsearch } from '../../../src/sinks/elasticsearch/index.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { urlsOf } from '../../../src/sinks/elasticsearch/target.ts';
import { testContext } from '../../contract/sink.ts';
import { live } from '../../live.ts';
import { problem, type Scripted, type Step, script } from './scripted.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
let server: Scripted | undefined;
afterEach(async () => server?.close());
afterAll(() => rmSync(folder, { recursive: true }));

/** The result of a probe: `ok`, or an exit code and the reason. */
async function probe(step: Step, over: Record<string, unknown> = {}, urls: readonly string[] = []) {
  server = await script({ other: () => step });
  const options = elasticsearchSchema.parse({ urls: [...urls, server.url], ...over });
  const context = testContext({ retry: { initialMs: 1, maxMs: 1, maxElapsedMs: 20 } });
  const sink = await elasticsearch.create(options, { ...context });
  try {
    await sink.probe?.(live);
    return 'ok';
  } catch (error) {
    return `${exitCodeOf(error, 0)} ${messageOf(error)}`;
  } finally {
    await sink.close?.();
  }
}

const page = { text: '<html>', headers: { 'x-elastic-product': '', 'content-type': 'text/html' } };

describe('a probe of Elasticsearch', () => {
  it.each([
    ['a greeting', { status: 200, body: {} }, /^ok$/],
    ['the role of a run, which may not ask', problem(403, 'security_exception'), /^ok$/],
    [
      'the same behind a proxy that drops headers',
      { status: 403, body: { error: { type: 'security_exception' } }, headers: page.headers },
      /^ok$/,
    ],
    ['an expired key', problem(401, 'security_exception'), /^2 .*credentials are refused \(HTTP 401\)/],
    ['no master', problem(503, 'master_not_discovered_exception'), /^4 .*master_not_discovered/],
    ['a reply that never ends', 'reset', /^4 greeting Elasticsearch: .*ECONNRESET/],
    ['a login page', { status: 200, ...page }, /^2 .*no header X-Elastic-Product.*login page/],
    [
      'an endless page',
      { status: 200, text: 'x'.repeat(2 ** 21) },
      /^2 greeting Elasticsearch: .*over 1048576 bytes/,
    ],
    ['a redirect', { status: 302, ...page }, /^2 .*HTTP 302.*redirect/],
    ['a firewall', { status: 403, ...page }, /^2 .*HTTP 403.*firewall/],
    ['a proxy without credentials', { status: 407, ...page }, /^2 .*the proxy requires credentials/],
    ['another service', { status: 404, ...page }, /^2 .*is this Elasticsearch/],
  ] satisfies [string, Step, RegExp][])('%s', async (_, step, verdict) => {
    expect(await probe(step)).toMatch(verdict);
  });

  it('tries the next node when one is down', async () => {
    expect(await probe({ status: 200, body: {} }, {}, ['http://127.0.0.1:1'])).toBe('ok');
  });

  it('identifies itself like the client', async () => {
    const key = join(folder, 'key');
    writeFileSync(key, 'id:a-key-of-ours\n');
    await probe({ status: 200, body: {} }, { api_key_file: key });
    const encoded = Buffer.from('id:a-key-of-ours').toString('base64');
    expect(server?.seen.map(({ headers }) => headers.authorization)).toEqual([`ApiKey ${encoded}`]);
    await server?.close();
    await probe({ status: 200, body: {} }, { username: 'u', password: 'a password' });
    expect(server?.seen[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('u:a password').toString('base64')}`,
    );
  });

  it.each([
    ['key', { api_key_file: join(folder, 'none') }, /^2 sink.api_key_file .*cannot be read/],
    ['CA', { ca_file: join(folder, 'none') }, /^2 .*ca_file .*none/],
  ] as const)('reports a missing file for the %s', async (_, over, verdict) => {
    expect(await probe({ status: 200, body: {} }, over)).toMatch(verdict);
  });

  it('reads a Cloud ID as the client does', () => {
    const id = `name:${Buffer.from('eu.found.example:9243$cluster$kibana').toString('base64')}`;
    const [mine] = urlsOf({ cloud_id: id });
    expect(mine?.href).toBe(new Client({ cloud: { id } }).connectionPool.connections[0]?.url.href);
    expect(() => urlsOf({ cloud_id: 'nothing' })).toThrow('sink.cloud_id: expected `name:base64`');
  });
});
