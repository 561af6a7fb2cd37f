import { describe, expect, it } from '@jest/globals';
import { readMessage } from '../../../src/sources/sqs/message.ts';
import { eventBridge, notification, testEvent, throughSns } from './events.ts';

const time = Date.parse('2026-03-01T10:00:00Z');
const about = { key: 'a b+c/ü%20.json', etag: 'e1', size: 7 };
const written = { bucket: 'scripted', key: 'a b+c/ü%20.json', version: 'e1', size: 7, time };

describe('a message in the queue', () => {
  it.each([
    ['from S3', notification(about)],
    ['through SNS', throughSns(notification(about))],
    ['from EventBridge', eventBridge(about)],
    ['from EventBridge through SNS', throughSns(eventBridge(about))],
    ['from a server that says s3:', notification({ ...about, eventName: 's3:ObjectCreated:Copy' })],
    ['with a quoted ETag', notification({ ...about, etag: '"e1"' })],
  ])('%s names the object by its name in the bucket', (_, body) => {
    expect(readMessage(body)).toEqual({ written: [written], ignored: 0 });
  });

  it('may hold several records, of which only created objects count', () => {
    const removed = { ...about, eventName: 'ObjectRemoved:Delete' };
    const body = notification(about, removed, { ...about, key: 'b', bucket: 'other' });
    expect(readMessage(body)).toEqual({
      written: [written, { ...written, key: 'b', bucket: 'other' }],
      ignored: 1,
    });
  });

  it('may lack size, ETag and time', () => {
    const body = JSON.stringify({
      Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' }, object: { key: 'k' } } }],
    });
    expect(readMessage(body)).toEqual({ written: [{ bucket: 'b', key: 'k', time: 0 }], ignored: 0 });
  });

  it.each([
    ['a test event', testEvent],
    ['a test event through SNS', throughSns(testEvent)],
    ['a deletion from EventBridge', eventBridge(about, 'Object Deleted')],
  ])('that is %s needs no action', (_, body) => {
    expect(readMessage(body)).toEqual({ written: [], ignored: 1 });
  });

  it.each([
    ['text', 'hello'],
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['another object', '{"a":1}'],
    ['records of another service', '{"Records":[{"kinesis":{}}]}'],
    ['an event of another service', JSON.stringify({ source: 'aws.ec2', 'detail-type': 'x', detail: {} })],
    [
      'a topic that asks for confirmation',
      JSON.stringify({ Type: 'SubscriptionConfirmation', Message: 'x' }),
    ],
    ['text through SNS', throughSns('hello')],
    ['a key that is not encoded', notification(about).replace('a+b%2Bc', '100%')],
  ])('that is %s is unreadable, and says why', (_, body) => {
    expect(readMessage(body)).toEqual({ unreadable: expect.stringMatching(/^(?:it is|a key)/) });
  });
});
