import * as z from 'zod';
import { decodeKey } from '../s3/keys.ts';
import { opaqueTag } from '../s3/version.ts';

/** An object that was written, according to a message. */
export interface Written {
  readonly bucket: string;
  readonly key: string;
  /** ETag without quotes and without the prefix of a weak one. */
  readonly version?: string;
  readonly size?: number;
  /** Epoch milliseconds; 0 if not given. */
  readonly time: number;
}

/** What a message of the queue says. `ignored` counts events that are not about a written object: tests, deletions. */
export type Message =
  | { readonly written: readonly Written[]; readonly ignored: number }
  | { readonly unreadable: string };

const object = z.object({
  key: z.string().min(1),
  size: z.number().nonnegative().optional(),
});
const bucket = z.object({ name: z.string().min(1) });

const record = z.object({
  eventName: z.string(),
  eventTime: z.string().optional(),
  s3: z.object({ bucket, object: object.extend({ eTag: z.string().optional() }) }),
});
/** S3's own notification, as sent to SQS and SNS (also by S3-compatible servers). */
const notification = z.object({ Records: z.array(record) });
/** What S3 sends when notifications are switched on. */
const test = z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') });
/** An EventBridge event. */
const event = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  time: z.string().optional(),
  detail: z.object({ bucket, object: object.extend({ etag: z.string().optional() }) }),
});
/** Wraps any of these if they come through a topic without raw message delivery. */
const envelope = z.object({ Type: z.literal('Notification'), Message: z.string() });

const UNKNOWN =
  'it is not an S3 notification (direct or through SNS), an EventBridge event or an S3 test event';

/**
 * Reads the body of a message. Returns keys as named in the bucket: notifications use form encoding (a space is `+`),
 * EventBridge does not. Never throws.
 */
export function readMessage(body: string): Message {
  const outer = parse(body);
  const message = readContent(outer);
  if (message !== undefined) return message;
  const wrapped = envelope.safeParse(outer);
  const content = wrapped.success ? parse(wrapped.data.Message) : outer;
  if (content === undefined) return { unreadable: 'it is not JSON' };
  return (wrapped.success ? readContent(content) : undefined) ?? { unreadable: UNKNOWN };
}

/** Tries the usual content first: a schema that does not match takes as long as one that does. */
function readContent(content: unknown): Message | undefined {
  const notified = notification.safeParse(content);
  if (notified.success) return readRecords(notified.data.Records);
  const bridged = event.safeParse(content);
  if (bridged.success) return readEvent(bridged.data);
  return test.safeParse(content).success ? { written: [], ignored: 1 } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readRecords(records: readonly z.output<typeof record>[]): Message {
  const written: Written[] = [];
  let ignored = 0;
  for (const { eventName, eventTime, s3 } of records) {
    // Servers other than AWS say `s3:ObjectCreated:Put`.
    if (!/^(?:s3:)?ObjectCreated:/.test(eventName)) {
      ignored += 1;
      continue;
    }
    const key = decodeKey(s3.object.key);
    if (key === undefined) return { unreadable: 'a key in it is not percent-encoded' };
    written.push(writtenOf(s3.bucket.name, key, s3.object.eTag, s3.object.size, eventTime));
  }
  return { written, ignored };
}

function readEvent({ 'detail-type': type, time, detail }: z.output<typeof event>): Message {
  if (type !== 'Object Created') return { written: [], ignored: 1 };
  const { key, etag, size } = detail.object;
  return { written: [writtenOf(detail.bucket.name, key, etag, size, time)], ignored: 0 };
}

function writtenOf(
  bucket: string,
  key: string,
  etag: string | undefined,
  size: number | undefined,
  time: string | undefined,
): Written {
  const version = opaqueTag(etag ?? '');
  const ms = Date.parse(time ?? '');
  return {
    bucket,
    key,
    ...(version ? { version } : {}),
    ...(size !== undefined && { size }),
    time: Number.isNaN(ms) ? 0 : ms,
  };
}
