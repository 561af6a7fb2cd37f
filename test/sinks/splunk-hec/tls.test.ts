import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../../src/contracts/errors.ts';
import { type Certificates, makeCertificates } from '../../aws/certificates.ts';
import { type ConnectProxy, connectProxy } from '../../aws/connect-proxy.ts';
import { testDocument } from '../../contract/sink.ts';
import { type ScriptedHec, SUCCESS, scriptHec } from '../../scripted/hec.ts';
import { openHec } from './open.ts';

const live = new AbortController().signal;
const HOST = 'splunk.test';
const one = [testDocument('a')];

describe('over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hec-tls-'));
  let certificates: Certificates;
  let server: ScriptedHec;
  let proxy: ConnectProxy;
  const url = (host: string): string => server.url.replace('127.0.0.1', host);

  beforeAll(async () => {
    certificates = makeCertificates(folder, [HOST]);
    server = await scriptHec(() => SUCCESS, certificates);
    proxy = await connectProxy();
    process.env.HTTPS_PROXY = proxy.url;
  });
  afterEach(() => {
    server.events.length = 0;
    proxy.refusal = undefined;
  });
  afterAll(async () => {
    delete process.env.HTTPS_PROXY;
    await server.close();
    await proxy.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses a certificate from an unknown authority, and names ca_file', async () => {
    const { sink } = await openHec(url(HOST));
    await expect(sink.write(one, live)).rejects.toThrow(/ca_file/);
    expect(server.events).toEqual([]);
  });

  it('refuses a certificate for another host', async () => {
    const { sink } = await openHec(url('other.test'), { ca_file: certificates.caFile });
    await expect(sink.write(one, live)).rejects.toThrow(ConfigError);
    expect(server.events).toEqual([]);
  });

  it('refuses an invalid CA file when the sink is created', async () => {
    await expect(openHec(url(HOST), { ca_file: join(folder, 'missing') })).rejects.toThrow(ConfigError);
  });

  it('waits while the proxy refuses', async () => {
    proxy.refusal = 503;
    const { sink, counted } = await openHec(url(HOST), { ca_file: certificates.caFile });
    const before = proxy.tunnels.length;
    const written = sink.write(one, live);
    while (proxy.tunnels.length === before) await sleep(10);
    proxy.refusal = undefined;
    expect(await written).toEqual([{ fate: 'delivered' }]);
    expect(counted('retries')).toBeGreaterThan(0);
    expect(server.events).toHaveLength(1);
  });

  it('delivers through the proxy to a receiver with our own CA', async () => {
    const { sink } = await openHec(url(HOST), { ca_file: certificates.caFile });
    expect(await sink.write(one, live)).toEqual([{ fate: 'delivered' }]);
    expect(proxy.tunnels.at(-1)).toBe(`${HOST}:${new URL(server.url).port}`);
    expect(server.events).toHaveLength(1);
    await sink.close?.();
  });
});
