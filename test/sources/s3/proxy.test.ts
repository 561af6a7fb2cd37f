import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UnavailableError } from '../../../src/contracts/errors.ts';
import { type Certificates, makeCertificates } from '../../aws/certificates.ts';
import { connectProxy } from '../../aws/connect-proxy.ts';
import { scriptedS3 } from '../../scripted/s3.ts';
import { detection, s3Runs, texts } from './harness.ts';

const before = { ...process.env };
let folder: string;
let certificates: Certificates;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3-proxy-'));
  certificates = makeCertificates(folder, ['s3.invalid']);
});
afterAll(async () => {
  process.env = before;
  await rm(folder, { recursive: true, force: true });
});

it('reads a bucket through a CONNECT proxy, trusting ca_file, and waits for a failing proxy', async () => {
  const proxy = await connectProxy();
  const s3 = await scriptedS3(certificates);
  process.env = { ...before, HTTPS_PROXY: proxy.url };
  for (let i = 0; i < 100; i += 1) s3.put(`k${i}`, detection(String(i)));
  const runs = s3Runs({
    endpoint: s3.url.replace('127.0.0.1', 's3.invalid'),
    bucket: 'scripted',
    start: 'beginning',
    ca_file: certificates.caFile,
  });
  proxy.refusal = 502;
  expect((await runs.run({ maxElapsedMs: 50 })).error).toBeInstanceOf(UnavailableError);
  proxy.refusal = undefined;
  expect(texts(await runs.run())).toHaveLength(100);
  expect(new Set(proxy.tunnels)).toEqual(new Set([`s3.invalid:${new URL(s3.url).port}`]));
  await Promise.all([s3.close(), proxy.close()]);
});
