import { hash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createS3Client } from '../../src/aws/client.ts';
import { DEFAULT_LIMITS } from '../../src/contracts/source.ts';
import { DEFAULT_RETRY } from '../../src/io/retry.ts';
import { sqsSource } from '../../src/sources/sqs/index.ts';
import { bucketOf, clientOf, fillSmall } from './bucket.ts';
import { ndjson } from './generate.ts';
import { alternate, report } from './measure.ts';

/** A message names one object, as S3's own notifications do. */
type Event = 'ObjectCreated:Put' | 'ObjectRemoved:Delete';
const PER_REQUEST = 10;

/**
 * A queue that is full, until all its messages are deleted: our source compared with a loop over the SDK that receives
 * ten messages, gets what they name and deletes them. First messages that name nothing to get: receives and deletes only.
 */
export async function benchSqs(
  endpoint: string,
  queues: string,
  messages = 2_000,
  rounds = 7,
): Promise<void> {
  const s3 = clientOf(endpoint);
  const sqsClient = (): SQSClient => new SQSClient({ endpoint: queues, region: 'us-east-1' });
  const sqs = sqsClient();
  const bucket = await bucketOf(s3);
  await fillSmall(s3, bucket, messages);

  const parsedFor = (url: string) =>
    sqsSource.schema.parse({
      type: 's3',
      bucket,
      endpoint,
      region: 'us-east-1',
      force_path_style: true,
      queue_url: url,
      queue_wait: '1s',
    });

  const bySdk = async (url: string): Promise<number> => {
    const client = createS3Client(parsedFor(url));
    const queue = sqsClient();
    for (let left = messages; left > 0; ) {
      const { Messages = [] } = await queue.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: PER_REQUEST, WaitTimeSeconds: 1 }),
      );
      await Promise.all(
        Messages.map(async ({ Body = '' }) => {
          const { eventName, s3 } = JSON.parse(Body).Records[0];
          if (eventName !== 'ObjectCreated:Put') return;
          const { Body: body } = await client.send(
            new GetObjectCommand({ Bucket: s3.bucket.name, Key: s3.object.key }),
          );
          await body?.transformToByteArray();
        }),
      );
      const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      await queue.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      left -= Messages.length;
    }
    client.destroy();
    queue.destroy();
    return performance.now();
  };

  /** Until the last message is deleted: the wait for a further one is not the rate. */
  const byUs = async (url: string): Promise<number> => {
    const stop = new AbortController();
    let deleted = 0;
    let ended = 0;
    const source = await sqsSource.create(parsedFor(url), {
      log: { debug() {}, info() {}, warn: console.error, error: console.error },
      meter: {
        add: (name, by = 1) => {
          if (name === 'queue_deletes') deleted += by;
          if (deleted < messages || ended > 0) return;
          ended = performance.now();
          stop.abort();
        },
      },
      retry: DEFAULT_RETRY,
      abort: new AbortController().signal,
      part: async () => undefined,
      batch: { maxBytes: 2 ** 20, maxRecords: 10_000 },
      limits: DEFAULT_LIMITS,
    });
    for await (const batch of source.read(stop.signal)) await batch.ack();
    await source.close?.();
    if (deleted !== messages) throw new Error(`${deleted} of ${messages} messages were deleted`);
    return ended;
  };

  const emptied = (event: Event, by: (url: string) => Promise<number>) => async (): Promise<number> => {
    const { QueueUrl: url = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: `bench-${Math.random().toString(36).slice(2)}` }),
    );
    for (let at = 0; at < messages; at += PER_REQUEST) {
      const Entries = Array.from({ length: PER_REQUEST }, (_, i) => ({
        Id: String(i),
        MessageBody: bodyOf(bucket, at + i, event),
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    }
    const started = performance.now();
    const seconds = ((await by(url)) - started) / 1_000;
    await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    return seconds;
  };

  for (const [name, event] of [
    ['SQS messages, received and deleted', 'ObjectRemoved:Delete'],
    ['SQS messages and small objects', 'ObjectCreated:Put'],
  ] as const) {
    const { seconds, share } = await alternate(emptied(event, byUs), emptied(event, bySdk), rounds);
    report(name, { 'messages per second': messages / seconds, "of the SDK's rate": share });
  }
  s3.destroy();
  sqs.destroy();
}

/** As S3 writes it: with the ETag, which spares a HEAD. */
function bodyOf(bucket: string, at: number, eventName: Event): string {
  const body = ndjson(5, at, at + 1);
  const object = { key: `detections/${at}`, size: Buffer.byteLength(body), eTag: hash('md5', body) };
  const eventTime = '2026-03-01T10:00:00.000Z';
  return JSON.stringify({ Records: [{ eventName, eventTime, s3: { bucket: { name: bucket }, object } }] });
}
