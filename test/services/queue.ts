import { PutBucketNotificationConfigurationCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

export function sqsAt(endpoint: string): SQSClient {
  return new SQSClient({ endpoint, region: 'us-east-1' });
}

export interface TestQueue {
  readonly url: string;
  readonly arn: string;
  send(body: string): Promise<void>;
  /** Messages that are waiting, and those in flight. */
  counts(): Promise<{ waiting: number; inFlight: number }>;
}

async function queueNamed(client: SQSClient, name: string): Promise<TestQueue> {
  const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
  const attributes = async (): Promise<Record<string, string>> => {
    const reply = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    return reply.Attributes ?? {};
  };
  const { QueueArn: arn = '' } = await attributes();
  return {
    url,
    arn,
    send: async (body) => {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    },
    counts: async () => {
      const now = await attributes();
      return {
        waiting: Number(now.ApproximateNumberOfMessages),
        inFlight: Number(now.ApproximateNumberOfMessagesNotVisible),
      };
    },
  };
}

/** A queue for the bucket's events, with a dead-letter queue. */
export async function eventsOf(
  clients: { readonly s3: S3Client; readonly sqs: SQSClient },
  bucket: string,
  receives: number,
): Promise<{ readonly events: TestQueue; readonly dead: TestQueue }> {
  const events = await queueNamed(clients.sqs, `${bucket}-events`);
  const dead = await queueNamed(clients.sqs, `${bucket}-dead`);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: receives });
  await clients.sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: events.url, Attributes: { RedrivePolicy } }),
  );
  await clients.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: events.arn, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] }],
      },
    }),
  );
  return { events, dead };
}
