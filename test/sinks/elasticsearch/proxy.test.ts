import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../../src/contracts/errors.ts';
import type { Sink } from '../../../src/contracts/types.ts';
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/options.ts';
import { createElasticsearchSink } from '../../../src/sinks/elasticsearch/sink.ts';
import { type Certificates, makeCertificates } from '../../aws/certificates.ts';
import { type ConnectProxy, connectProxy } from '../../aws/connect-proxy.ts';
import { documentsOf, testContext } from '../../contract/sink.ts';
import { type Scripted, script } from './scripted.ts';

const live = new AbortController().signal;
const before = { ...process.env };
const HOST = 'es.invalid';
let folder: string;
let certificates: Certificates;
let other: Certificates;
let proxy: ConnectProxy;
let server: Scripted;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'es-proxy-'));
  certificates = makeCertificates(folder, [HOST]);
  other = makeCertificates(await mkdtemp(join(folder, 'other-')), [HOST]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  proxy = await connectProxy();
  server = await script({}, certificates);
  process.env = { ...before, HTTPS_PROXY: proxy.url.replace('://', '://user:word@') };
});
afterEach(async () => {
  process.env = { ...before };
  await Promise.all([server.close(), proxy.close()]);
});

async function withSink<T>(caFile: string, use: (sink: Sink) => Promise<T>): Promise<T> {
  const urls = [server.url.replace('127.0.0.1', HOST)];
  const options = elasticsearchSchema.parse({ urls, ca_file: caFile });
  const retry = { initialMs: 5, maxMs: 20, maxElapsedMs: 100 };
  const sink = createElasticsearchSink(options, testContext({ retry }));
  try {
    return await use(sink);
  } finally {
    await sink.close?.();
  }
}

describe('the elasticsearch sink behind a CONNECT proxy', () => {
  it('waits for a failing proxy, and says so', async () => {
    proxy.refusal = 502;
    const writing = withSink(certificates.caFile, (sink) => sink.write(documentsOf(1), live));
    await expect(writing).rejects.toThrow(UnavailableError);
    expect(server.seen).toEqual([]);
  });

  it('trusts only certificates from the authority in ca_file', async () => {
    const writing = withSink(other.caFile, (sink) => sink.write(documentsOf(1), live));
    await expect(writing).rejects.toThrow(/certificate/i);
    expect(server.seen).toEqual([]);
  });

  it('delivers through the tunnel, with the proxy’s own credentials', async () => {
    const documents = documentsOf(50);
    const outcomes = await withSink(certificates.caFile, (sink) => sink.write(documents, live));
    expect(outcomes.map(({ fate }) => fate)).toEqual(documents.map(() => 'delivered'));
    expect(server.bulks().flatMap(({ uids }) => uids)).toEqual(documents.map(({ uid }) => uid));
    expect(new Set(proxy.tunnels)).toEqual(new Set([`${HOST}:${new URL(server.url).port}`]));
    expect(proxy.authorization).toBe(`Basic ${Buffer.from('user:word').toString('base64')}`);
    expect(server.bulks()[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('bypasses the proxy for hosts in NO_PROXY', async () => {
    process.env.NO_PROXY = HOST;
    // The name does not resolve here: all that counts is that the proxy was not asked.
    const writing = withSink(certificates.caFile, (sink) => sink.write(documentsOf(1), live));
    await expect(writing).rejects.toThrow(UnavailableError);
    expect(proxy.tunnels).toEqual([]);
  });
});
