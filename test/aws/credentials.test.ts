import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createS3Client } from '../../src/aws/client.ts';
import { classify } from '../../src/aws/errors.ts';
import { type LittleProxy, littleProxy } from '../net/little-proxy.ts';

/** Where credentials come from, and how they are fetched through proxies and read from files. */

const before = { ...process.env };
const ROLE = 'arn:aws:iam::123456789012:role/r';
const BOM = '\ufeff';
let folder: string;
let server: Server;
let port: number;
/** The access keys S3 was called with, each with the region it was signed for. */
let signed: string[];

const granted = (action: string): string =>
  `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>` +
  '<AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>' +
  `<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></${action}Result></${action}Response>`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  signed = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      response.setHeader('content-type', 'text/xml');
      if (request.method === 'POST') {
        response.end(granted(new URLSearchParams(body).get('Action') ?? ''));
        return;
      }
      const [, key = '', region = ''] =
        /Credential=([^/]*)\/[^/]*\/([^/]*)/.exec(request.headers.authorization ?? '') ?? [];
      signed.push(`${key} ${region}`);
      response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  port = (server.address() as AddressInfo).port;
  process.env = { ...before, AWS_EC2_METADATA_DISABLED: 'true' };
  for (const name of Object.keys(process.env))
    if (/^AWS_(?:ACCESS|SECRET|SESSION|REGION|PROFILE|DEFAULT)/.test(name)) delete process.env[name];
});
afterEach(async () => {
  process.env = { ...before };
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function list(host: string, more: Partial<Parameters<typeof createS3Client>[0]> = {}): Promise<string> {
  const client = createS3Client({
    endpoint: `http://${host}:${port}`,
    force_path_style: true,
    request_timeout: 60_000,
    ...more,
  });
  try {
    await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    return signed.at(-1) ?? '';
  } catch (error) {
    const { kind, reason } = classify(error);
    return `${kind}: ${reason}`;
  } finally {
    client.destroy();
  }
}

describe('role credentials, through a plain proxy', () => {
  let proxy: LittleProxy;
  beforeEach(async () => {
    proxy = await littleProxy();
    Object.assign(process.env, { ALL_PROXY: proxy.url, AWS_ENDPOINT_URL_STS: `http://sts.invalid:${port}` });
  });
  afterEach(() => proxy.close());

  it('for the role in the configuration', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'OURS', AWS_SECRET_ACCESS_KEY: 's' });
    const role = { arn: ROLE, session_name: 'test' };
    expect(await list('s3.invalid', { region: 'eu-west-1', assume_role: role })).toBe('ROLEKEY eu-west-1');
    expect(proxy.asked[0]).toBe(`POST http://sts.invalid:${port}/`);
    expect(proxy.asked[1]).toContain(`GET http://s3.invalid:${port}/bucket`);
  });

  it('for a pod whose token is in a file', async () => {
    const token = join(folder, 'token');
    await writeFile(token, 'e30.e30.e30');
    Object.assign(process.env, { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: token });
    expect(await list('s3.invalid', { region: 'eu-west-1' })).toBe('ROLEKEY eu-west-1');
    expect(proxy.asked[0]).toBe(`POST http://sts.invalid:${port}/`);
  });

  it('are retried while the proxy cannot reach STS', async () => {
    proxy.refusal = 503;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'OURS', AWS_SECRET_ACCESS_KEY: 's' });
    const role = { arn: ROLE, session_name: 'test' };
    expect(await list('s3.invalid', { region: 'eu-west-1', assume_role: role })).toMatch(/^retryable: /);
  });
});

describe('profile files', () => {
  const credentials = ['[default]', 'aws_access_key_id = FILEKEY', 'aws_secret_access_key = secret', ''];
  const config = ['[default]', 'region = eu-north-1', ''];
  const source = [...credentials, '[profile reader]', `role_arn = ${ROLE}`, 'source_profile = default', ''];

  it.each([
    ['as they are', (lines: string[]) => lines.join('\n')],
    ['with Windows line endings', (lines: string[]) => lines.join('\r\n')],
    ['with a byte order mark', (lines: string[]) => BOM + lines.join('\n')],
    ['with both', (lines: string[]) => BOM + lines.join('\r\n')],
  ])('%s', async (_, write) => {
    Object.assign(process.env, {
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      AWS_CONFIG_FILE: join(folder, 'config'),
      NO_PROXY: '*',
    });
    await writeFile(join(folder, 'credentials'), write(credentials));
    await writeFile(join(folder, 'config'), write(config));
    expect(await list('127.0.0.1')).toBe('FILEKEY eu-north-1');
  });

  it('with a role from another profile', async () => {
    Object.assign(process.env, {
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_PROFILE: 'reader',
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
      NO_PROXY: '*',
    });
    await writeFile(join(folder, 'config'), source.join('\r\n'));
    expect(await list('127.0.0.1', { region: 'eu-west-1' })).toBe('ROLEKEY eu-west-1');
  });
});
