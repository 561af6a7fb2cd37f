import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createS3Client } from '../../src/aws/client.ts';
import { s3ConnectionShape } from '../../src/aws/connection.ts';
import { describeWith, need } from './require.ts';

// The SQS server also answers S3 and STS at the same address.
describeWith(['SQS_ENDPOINT'], 'an S3 client that assumes a role', () => {
  const before = process.env['AWS_ENDPOINT_URL_STS'];
  beforeAll(() => {
    process.env['AWS_ENDPOINT_URL_STS'] = need('SQS_ENDPOINT');
  });
  afterAll(() => {
    if (before === undefined) delete process.env['AWS_ENDPOINT_URL_STS'];
    else process.env['AWS_ENDPOINT_URL_STS'] = before;
  });

  it('signs with the credentials of the role, not with ours', async () => {
    const connection = z.strictObject(s3ConnectionShape).parse({
      region: 'us-east-1',
      endpoint: need('SQS_ENDPOINT'),
      force_path_style: true,
      assume_role: { arn: 'arn:aws:iam::000000000000:role/reader', external_id: 'agreed-id' },
    });
    const client = createS3Client(connection);
    const bucket = `role-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(bucket);
    const { accessKeyId, sessionToken } = await client.config.credentials();
    expect(accessKeyId).not.toBe(process.env['AWS_ACCESS_KEY_ID']);
    expect(sessionToken).toBeTruthy();
    client.destroy();
  });
});
