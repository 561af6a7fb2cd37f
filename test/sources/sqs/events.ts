/** Messages from S3, SNS and EventBridge, reduced to the parts that vary. */

const encode = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

export interface About {
  readonly bucket?: string;
  readonly key: string;
  readonly etag?: string;
  readonly size?: number;
  readonly eventName?: string;
}

const record = ({ bucket = 'scripted', key, etag, size, eventName = 'ObjectCreated:Put' }: About) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventTime: '2026-03-01T10:00:00.000Z',
  eventName,
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
    object: { key: encode(key), size, eTag: etag, sequencer: '0055AED6DCD90281E5' },
  },
});

export const notification = (...about: About[]): string => JSON.stringify({ Records: about.map(record) });

export const throughSns = (message: string): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: '5a4b0f6d',
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic',
    Subject: 'Amazon S3 Notification',
    Message: message,
    Timestamp: '2026-03-01T10:00:00.000Z',
  });

export const eventBridge = (
  { bucket = 'scripted', key, etag, size }: About,
  type = 'Object Created',
): string =>
  JSON.stringify({
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': type,
    source: 'aws.s3',
    time: '2026-03-01T10:00:00Z',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: { version: '0', bucket: { name: bucket }, object: { key, size, etag }, reason: 'PutObject' },
  });

export const testEvent = JSON.stringify({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-03-01T10:00:00.000Z',
  Bucket: 'scripted',
});
