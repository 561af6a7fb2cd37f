import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { detection, s3Runs, texts } from '../sources/s3/harness.ts';
import { eventBridge, notification } from '../sources/sqs/events.ts';
import { freshBucket, s3At } from './export.ts';
import { eventsOf, sqsAt } from './queue.ts';
import { describeWith, need } from './require.ts';

const never = new AbortController().signal;

describeWith(['SQS_ENDPOINT'], 'the S3 source with a queue', () => {
  const endpoint = (): string => need('SQS_ENDPOINT');
  let s3: S3Client;
  let sqs: SQSClient;
  beforeAll(() => {
    s3 = s3At(endpoint());
    sqs = sqsAt(endpoint());
  });
  afterAll(() => {
    s3.destroy();
    sqs.destroy();
  });

  async function place(receives = 10, options: Record<string, unknown> = {}) {
    const bucket = await freshBucket(s3, 'queue');
    const { events, dead } = await eventsOf({ s3, sqs }, bucket, receives);
    const runs = s3Runs({
      endpoint: endpoint(),
      bucket,
      queue_url: events.url,
      queue_wait: '1s',
      queue_visibility_timeout: '2s',
      ...options,
    });
    const put = (Key: string, Body: string | Buffer) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    return { bucket, events, dead, runs, put };
  }

  it('reads each object that S3 announces once, whatever its key', async () => {
    const { bucket, events, runs, put } = await place(10, { prefixes: ['d/'] });
    const keys = ['d/a', 'd/2026/a b+c%20.json', 'd/zürich/日本/😀.json', "d/q'&(x)=1;.json"];
    for (const key of keys) await put(key, detection(key));
    await put('elsewhere/x', detection('x'));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'elsewhere/x' }));
    const run = await runs.run();
    expect(run.error).toBeUndefined();
    expect(texts(run).sort()).toEqual(keys.map(detection).sort());
    // The test event, the object in another place, its deletion.
    expect(run.counts).toMatchObject({ queue_ignored: 3, queue_deletes: keys.length + 3 });
    expect(await events.counts()).toEqual({ waiting: 0, inFlight: 0 });
    expect((await runs.run()).records).toEqual([]);
  });

  it('reads messages through SNS, raw and wrapped, and from EventBridge', async () => {
    const { bucket, events, runs, put } = await place();
    await put('a', detection('a'));
    await runs.run();
    const { ETag } = await put('b', detection('b'));
    await runs.run();
    const about = { bucket, key: 'b', etag: ETag ?? '', size: detection('b').length };
    const topic = await sns({ Action: 'CreateTopic', Name: bucket }, /<TopicArn>([^<]*)/);
    const subscription = { Action: 'Subscribe', TopicArn: topic, Protocol: 'sqs', Endpoint: events.arn };
    const arn = await sns({ ...subscription, ReturnSubscriptionArn: 'true' }, /<SubscriptionArn>([^<]*)/);
    const publish = { Action: 'Publish', TopicArn: topic, Message: notification(about) };
    await sns(publish, /MessageId/);
    const wrapped = await runs.run();
    expect(texts(wrapped)).toEqual([detection('b')]);
    const raw = { AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
    await sns({ Action: 'SetSubscriptionAttributes', SubscriptionArn: arn, ...raw }, /./);
    await sns(publish, /MessageId/);
    expect(texts(await runs.run())).toEqual([detection('b')]);
    await events.send(eventBridge(about));
    expect(texts(await runs.run())).toEqual([detection('b')]);
    expect(await events.counts()).toEqual({ waiting: 0, inFlight: 0 });
  });

  async function sns(parameters: Record<string, string>, wanted: RegExp): Promise<string> {
    const scope = 'Credential=test/20260101/us-east-1/sns/aws4_request';
    const reply = await fetch(endpoint(), {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none` },
      body: new URLSearchParams({ Version: '2010-03-31', ...parameters }),
    });
    const text = await reply.text();
    const found = wanted.exec(text);
    if (!reply.ok || found === null) throw new Error(text);
    return found[1] ?? '';
  }

  it('keeps a large object from other replicas longer than the visibility timeout', async () => {
    const { events, runs, put } = await place();
    const lines = Array.from({ length: 3_000 }, (_, i) => detection(String(i)));
    await runs.run();
    await put('large', gzipSync(lines.join('\n')));
    const counts: Record<string, number> = {};
    const slow = await runs.component.create(runs.context({ maxRecords: 1_000 }, counts));
    const read: string[] = [];
    let others = 0;
    for await (const batch of slow.read(never)) {
      read.push(...batch.records.map(({ text }) => text));
      // A replica looks for work for more than a second, three times, which exceeds the visibility timeout of two
      // seconds.
      others += (await runs.run()).records.length;
      await batch.ack();
    }
    await slow.close?.();
    expect(read).toEqual(lines);
    expect(others).toBe(0);
    expect(counts.queue_heartbeats).toBeGreaterThan(0);
    expect(await events.counts()).toEqual({ waiting: 0, inFlight: 0 });
  });

  it('leaves unreadable objects to the redrive policy, and is not held up by them', async () => {
    const { events, dead, runs, put } = await place(3);
    const whole = gzipSync(Array.from({ length: 50 }, (_, i) => detection(String(i))).join('\n'));
    await put('poison', whole.subarray(0, whole.length - 20));
    await events.send('what is this');
    await put('good', detection('good'));
    let poison = 0;
    let good = 0;
    for (let pass = 0; pass < 12 && (await dead.counts()).waiting < 2; pass += 1) {
      const run = await runs.run();
      expect(run.error).toBeUndefined();
      poison += run.counts.objects_failed ?? 0;
      good += texts(run).filter((text) => text === detection('good')).length;
      await sleep(500);
    }
    expect(await dead.counts()).toEqual({ waiting: 2, inFlight: 0 });
    expect(await events.counts()).toEqual({ waiting: 0, inFlight: 0 });
    expect({ poison, good }).toEqual({ poison: 3, good: 1 });
  });
});
