import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sourceContract, textAt } from '../contract/source.ts';
import { detection, s3Runs, texts } from '../sources/s3/harness.ts';
import { s3At } from './export.ts';
import { type OnlySdk, onlySdk } from './only-sdk.ts';
import { describeWith, need } from './require.ts';

const PLACES = ['S3_ENDPOINT', 'SQS_ENDPOINT'].flatMap((variable) => [
  { variable, direct: true },
  { variable, direct: false },
]);
for (const { variable, direct } of PLACES)
  describeWith([variable], `the S3 source at ${variable}${direct ? '' : ', by the SDK alone'}`, () => {
    let client: S3Client;
    let sdk: OnlySdk | undefined;
    const endpoint = (): string => sdk?.url ?? need(variable);
    beforeAll(async () => {
      client = s3At(need(variable));
      if (!direct) sdk = await onlySdk(need(variable));
    });
    afterAll(async () => {
      client.destroy();
      if (sdk !== undefined) expect(sdk.refused).toBeGreaterThan(0);
      await sdk?.close();
    });

    async function place(options: Record<string, unknown> = {}) {
      const bucket = `source-${randomUUID()}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return {
        bucket,
        runs: s3Runs({ endpoint: endpoint(), bucket, start: 'beginning', ...options }),
        put: (key: string, body: string) =>
          client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body })),
      };
    }

    sourceContract('a bucket', async () => {
      const { runs, put } = await place();
      const records = Array.from({ length: 9 }, (_, i) => detection(String(i)));
      await put('1.ndjson', `${records.slice(0, 4).join('\n')}\nno json\n`);
      await put('2/array.json', `[${records.slice(4, 7).join(',\n')}]`);
      await put('2/b.json', records[7] ?? '');
      await put('3.json', records[8] ?? '');
      return {
        texts: [...records.slice(0, 4), 'no json', ...records.slice(4)],
        open: async (parts) =>
          runs.component.create({
            ...runs.context({ maxRecords: 2 }, {}),
            part: async (name) => parts.get(name),
          }),
        close: async () => undefined,
      };
    });

    it('reads late, out-of-order, random and rewritten keys, each version once', async () => {
      const { runs, put } = await place();
      const odd = ['2026/a b+c%20.json', 'zürich/日本/😀.json', "q'&(x)=1;.json", `${randomUUID()}.json`];
      await put('m.json', detection('m'));
      for (const key of odd) await put(key, detection(key));
      expect(texts(await runs.run()).sort()).toEqual([detection('m'), ...odd.map(detection)].sort());
      await put('a.json', detection('a'));
      await put('m.json', detection('m2'));
      expect(texts(await runs.run())).toEqual([detection('a'), detection('m2')]);
      expect(texts(await runs.run())).toEqual([]);
    });

    it('finds the folders of a template in any form, and pages over 1,000 objects', async () => {
      const { runs, put } = await place({ prefixes: ['d/{{.Year}}/{{.Month}}/', 'threat-intel/'] });
      await put('d/2026/11/a.json', detection('november'));
      await put('d/2026/January/a.json', detection('january'));
      await put('d/temp/temp.json', '{"test":true}');
      await put('threat-intel/t.json', detection('threat'));
      await put('elsewhere/x.json', detection('elsewhere'));
      const keys = Array.from({ length: 1_010 }, (_, i) => `d/2026/12/${String(i).padStart(5, '0')}.json`);
      for (let at = 0; at < keys.length; at += 32)
        await Promise.all(keys.slice(at, at + 32).map((key) => put(key, detection(key))));
      const run = await runs.run();
      const expected = ['november', 'january', 'threat', ...keys].map(detection);
      expect(texts(run).sort()).toEqual(expected.sort());
      expect(run.counts.objects_ignored).toBe(1);
      if (direct) expect(run.counts.s3_get).toBe(1_013);
      else expect(run.counts.s3_get).toBeGreaterThan(1_013);
      expect((await runs.run()).counts).not.toHaveProperty('s3_get');
    });

    it('forgets an object that is gone, and says what to do about a missing bucket', async () => {
      const { bucket, runs, put } = await place();
      await put('a.json', detection('a'));
      const [record] = (await runs.run()).records;
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a.json' }));
      const source = await runs.component.create(runs.context({}, {}));
      if (record === undefined) throw new Error('one record was put');
      expect(await textAt(source, record.origin, record.offset)).toBeUndefined();
      await source.close?.();
      const absent = s3Runs({ endpoint: endpoint(), bucket: `absent-${randomUUID()}`, start: 'now' });
      expect(String((await absent.run()).error)).toMatch(/ConfigError.*NoSuchBucket/);
    });
  });

describeWith(['AUTH_S3_ENDPOINT'], 'a bucket that only a role may read', () => {
  const endpoint = (): string => need('AUTH_S3_ENDPOINT');
  const before = { ...process.env };
  afterAll(() => {
    process.env = before;
  });

  /** Calls IAM as the root user; MiniStack does not check the signature, and there is no IAM client here. */
  async function iam(parameters: Record<string, string>): Promise<string> {
    const scope = 'Credential=test/20260101/us-east-1/iam/aws4_request';
    const reply = await fetch(endpoint(), {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none` },
      body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(text);
    return text;
  }
  const allow = (...actions: string[]): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
    });

  it('is read with the right external ID, and only with that', async () => {
    const name = `siem-${randomUUID().slice(0, 8)}`;
    const root = s3At(endpoint());
    await root.send(new CreateBucketCommand({ Bucket: name }));
    const keys = [
      'a.json',
      'd/../e',
      'q//r',
      './k',
      'a b+c%20',
      'zürich/日本/😀',
      "q'&(x)=1;~*!$@:,?#[]",
      'dir/',
    ];
    for (const Key of keys)
      await root.send(new PutObjectCommand({ Bucket: name, Key, Body: detection(Key) }));
    root.destroy();
    await iam({ Action: 'CreateUser', UserName: name });
    await iam({
      Action: 'PutUserPolicy',
      UserName: name,
      PolicyName: 'p',
      PolicyDocument: allow('sts:AssumeRole'),
    });
    const trust = {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'the-external-id' } },
    };
    await iam({
      Action: 'CreateRole',
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    });
    await iam({
      Action: 'PutRolePolicy',
      RoleName: name,
      PolicyName: 'p',
      PolicyDocument: allow('s3:ListBucket', 's3:GetObject'),
    });
    const made = await iam({ Action: 'CreateAccessKey', UserName: name });
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: /<AccessKeyId>(.*)<\/AccessKeyId>/.exec(made)?.[1],
      AWS_SECRET_ACCESS_KEY: /<SecretAccessKey>(.*)<\/SecretAccessKey>/.exec(made)?.[1],
      AWS_ENDPOINT_URL_STS: endpoint(),
    });

    const runs = (more: Record<string, unknown>) =>
      s3Runs({ endpoint: endpoint(), bucket: name, start: 'beginning', ...more });
    const arn = `arn:aws:iam::000000000000:role/${name}`;
    const allowed = await runs({ assume_role: { arn, external_id: 'the-external-id' } }).run();
    expect(allowed.error).toBeUndefined();
    expect(texts(allowed).sort()).toEqual(keys.map(detection).sort());
    // One request each: no signature was refused and retried by the SDK.
    expect(allowed.counts.s3_get).toBe(keys.length);
    const wrong = await runs({ assume_role: { arn, external_id: 'another' } }).run();
    expect(String(wrong.error)).toMatch(/^ConfigError/);
    const bare = await runs({}).run();
    expect(String(bare.error)).toMatch(/^ConfigError.*s3:ListBucket/);
  });
});
