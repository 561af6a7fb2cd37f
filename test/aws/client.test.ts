import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createS3Client } from '../../src/aws/client.ts';
import { type S3Connection, s3ConnectionShape } from '../../src/aws/connection.ts';
import { type AwsFailure, classify } from '../../src/aws/errors.ts';
import { sized } from '../full.ts';
import { type ScriptedS3, scriptedS3 } from '../state/scripted-s3.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type ConnectProxy, connectProxy } from './connect-proxy.ts';

const HOST = 's3.invalid';
const before = { ...process.env };
let folder: string;
let certificates: Certificates;
let server: ScriptedS3;
let proxy: ConnectProxy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-'));
  certificates = makeCertificates(folder, [HOST, `*.${HOST}`]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  server = await scriptedS3(certificates);
  proxy = await connectProxy();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    HTTPS_PROXY: proxy.url,
  });
  server.objects.set('key', Buffer.from('content'));
});
afterEach(async () => {
  process.env = { ...before };
  await Promise.all([server.close(), proxy.close()]);
});

const connection = (more: Partial<S3Connection> = {}): S3Connection => ({
  ...z.strictObject(s3ConnectionShape).parse({ region: 'us-east-1', force_path_style: true }),
  endpoint: server.endpoint.replace('127.0.0.1', HOST),
  ca_file: certificates.caFile,
  ...more,
});

/** The body that was read, or the failure. */
async function read(options: S3Connection): Promise<string | AwsFailure> {
  const client = createS3Client(options);
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'key' }));
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    return classify(error);
  } finally {
    client.destroy();
  }
}

describe('an S3 client behind a proxy', () => {
  it('does not trust a certificate authority it was not given, and says how to trust it', async () => {
    const { ca_file, ...plain } = connection();
    expect(ca_file).toBe(certificates.caFile);
    const failure = await read(plain);
    expect(failure).toMatchObject({ kind: 'config' });
    expect((failure as AwsFailure).reason).toContain('set `ca_file`');
    expect(server.requests).toEqual([]);
  });

  it('rejects a certificate for another host', async () => {
    const failure = await read(
      connection({ endpoint: server.endpoint.replace('127.0.0.1', 'other.invalid') }),
    );
    expect(failure).toMatchObject({ kind: 'config', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('says that the proxy wants credentials, and sends the ones in its URL', async () => {
    proxy.refusal = 407;
    const failure = await read(connection());
    expect(failure).toMatchObject({ kind: 'config' });
    expect((failure as AwsFailure).reason).toContain('the proxy requires credentials');
    proxy.refusal = undefined;
    process.env['HTTPS_PROXY'] = proxy.url.replace('//', '//user:word@');
    expect(await read(connection())).toBe('content');
    expect(proxy.authorization).toBe(`Basic ${Buffer.from('user:word').toString('base64')}`);
  });

  it('treats a failing or unreachable proxy as a passing fault', async () => {
    proxy.refusal = 502;
    expect(await read(connection())).toMatchObject({ kind: 'retryable' });
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    expect(await read(connection())).toMatchObject({ kind: 'retryable' });
  });

  it('bypasses the proxy for hosts in NO_PROXY', async () => {
    process.env['NO_PROXY'] = HOST;
    expect(await read(connection())).toMatchObject({ kind: 'retryable' });
    expect(proxy.tunnels).toEqual([]);
  });

  it('reads through the tunnel, reuses its connections, and handles many requests at the same time', async () => {
    const client = createS3Client(connection());
    const send = () => client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    const pages = await Promise.all(Array.from({ length: sized(150, 70) }, send));
    expect(pages.every(({ Contents }) => Contents?.[0]?.Key === 'key')).toBe(true);
    expect(new Set(proxy.tunnels)).toEqual(new Set([`${HOST}:${new URL(server.endpoint).port}`]));
    const tunnels = proxy.tunnels.length;
    await send();
    await send();
    expect(proxy.tunnels).toHaveLength(tunnels);
    client.destroy();
  });
});

describe('an S3 client', () => {
  it('tries once and leaves retries to the caller', async () => {
    await server.close();
    expect(await read(connection())).toMatchObject({ kind: 'retryable' });
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('refuses a CA file that is missing or contains no certificate, and names it', async () => {
    const empty = join(folder, 'empty.pem');
    await writeFile(empty, '# nothing\n');
    for (const ca_file of [empty, join(folder, 'missing.pem')])
      expect(() => createS3Client(connection({ ca_file }))).toThrow(`ca_file ${ca_file}: `);
  });

  it('says when the region is missing', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) delete process.env[name];
    process.env['AWS_CONFIG_FILE'] = join(folder, 'none');
    const { region, ...rest } = connection();
    expect(region).toBe('us-east-1');
    expect(await read(rest)).toMatchObject({ kind: 'config', code: 'NoRegion' });
  });
});
