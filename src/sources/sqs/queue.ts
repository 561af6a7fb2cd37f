import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientConfig } from '../../aws/client.ts';
import type { Connection } from '../../aws/connection.ts';
import { awsError } from '../../aws/errors.ts';
import type { Context, RetryPolicy } from '../../contracts/component.ts';
import { RetryableError, UnavailableError } from '../../contracts/errors.ts';
import { retry } from '../../io/retry.ts';

/** One queue and how it is reached. */
export interface Queue {
  readonly client: SQSClient;
  readonly url: string;
  /** How long a request waits for a message. */
  readonly waitMs: number;
  /** How long a message stays ours without a heartbeat. */
  readonly visibilityMs: number;
  readonly context: Context;
}

/** A message as received. */
export interface Received {
  readonly id: string;
  /** Identifies this receive, in deletes and heartbeats. */
  readonly receipt: string;
  readonly body: string;
  /** How often it has been received, including this time. */
  readonly receives: number;
}

/** The most entries SQS accepts in one request. */
const PER_REQUEST = 10;
const REQUESTS_AT_ONCE = 8;

/** The name at the end of the queue's URL. */
export const queueName = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? url;

/**
 * A client for the queue at `url`, whose host is the endpoint: the `endpoint` of the connection is the one for S3. In
 * AWS the host also contains the region, which may differ from the bucket's.
 */
export function createSqsClient(
  connection: Connection,
  url: string,
  options: Parameters<typeof clientConfig>[1] = {},
): SQSClient {
  const { origin, hostname } = new URL(url);
  const region = /^sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(hostname)?.[1] ?? connection.region;
  return new SQSClient(
    clientConfig({ ...connection, endpoint: origin, ...(region !== undefined && { region }) }, options),
  );
}

/** Up to ten messages, or none if none arrived during the wait. Throws `ConfigError` if refused. */
export async function receive(queue: Queue, signal: AbortSignal): Promise<Received[]> {
  const { client, url, context } = queue;
  const what = `receive from ${url}`;
  const attempt = async (): Promise<Received[]> => {
    context.meter.add('queue_receives');
    const command = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: PER_REQUEST,
      WaitTimeSeconds: seconds(queue.waitMs),
      VisibilityTimeout: seconds(queue.visibilityMs),
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const reply = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw awsError(error, what);
    });
    const messages = (reply.Messages ?? []).flatMap(({ MessageId, ReceiptHandle, Body, Attributes }) => {
      if (MessageId === undefined || ReceiptHandle === undefined) return [];
      const receives = Number(Attributes?.ApproximateReceiveCount ?? 1);
      return [{ id: MessageId, receipt: ReceiptHandle, body: Body ?? '', receives }];
    });
    context.meter.add('queue_messages', messages.length);
    return messages;
  };
  const { retry: policy, log, meter } = context;
  return retry(attempt, { policy, signal, what, log, meter });
}

/** Receipts for which a call failed, and the first reason. */
export interface Refused {
  readonly receipts: ReadonlySet<string>;
  readonly reason: string;
}

/**
 * Deletes messages permanently. Those that could not be deleted will be received again. Throws `ConfigError` if refused
 * as a whole.
 */
export function remove(queue: Queue, receipts: readonly string[], signal: AbortSignal): Promise<Refused> {
  return inBatches(queue, receipts, {
    what: `delete from ${queue.url}`,
    policy: queue.context.retry,
    signal,
    send: (QueueUrl, Entries) =>
      queue.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), { abortSignal: signal }),
  });
}

/** Keeps messages ours for `ms` from now on; 0 returns them. Throws `ConfigError` if refused as a whole. */
export function hold(
  queue: Queue,
  receipts: readonly string[],
  options: { readonly ms: number; readonly policy: RetryPolicy; readonly signal: AbortSignal },
): Promise<Refused> {
  const { ms, policy, signal } = options;
  return inBatches(queue, receipts, {
    what: `change the visibility of messages of ${queue.url}`,
    policy,
    signal,
    send: (QueueUrl, entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds(ms) }));
      return queue.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }), {
        abortSignal: signal,
      });
    },
  });
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000);

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

interface BatchCall {
  readonly what: string;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  send(url: string, entries: Entry[]): Promise<{ readonly Failed?: readonly FailedEntry[] | undefined }>;
}

interface FailedEntry {
  readonly Id?: string | undefined;
  /** The fault is ours, or the message's: a retry changes nothing. */
  readonly SenderFault?: boolean | undefined;
  readonly Code?: string | undefined;
}

async function inBatches(queue: Queue, receipts: readonly string[], call: BatchCall): Promise<Refused> {
  const refused = new Set<string>();
  let reason = '';
  const note = (receipt: string, why: string): void => {
    refused.add(receipt);
    reason ||= why;
  };
  const one = async (batch: readonly string[]): Promise<void> => {
    let left = batch.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
    const attempt = async (): Promise<void> => {
      const { Failed } = await call.send(queue.url, left).catch((error: unknown) => {
        throw awsError(error, call.what);
      });
      const failed = new Map((Failed ?? []).map((entry) => [entry.Id, entry]));
      const again = left.filter(({ Id, ReceiptHandle }) => {
        const entry = failed.get(Id);
        if (entry?.SenderFault) note(ReceiptHandle, entry.Code ?? 'refused');
        return entry !== undefined && !entry.SenderFault;
      });
      left = again;
      if (again.length > 0) throw new RetryableError(failed.get(again[0]?.Id)?.Code ?? 'failed');
    };
    const { log, meter } = queue.context;
    const { policy, signal, what } = call;
    await retry(attempt, { policy, signal, what, log, meter }).catch((error: unknown) => {
      if (!(error instanceof UnavailableError) || signal.aborted) throw error;
      for (const { ReceiptHandle } of left) note(ReceiptHandle, error.message);
    });
  };
  const batches: string[][] = [];
  for (let at = 0; at < receipts.length; at += PER_REQUEST)
    batches.push(receipts.slice(at, at + PER_REQUEST));
  for (let at = 0; at < batches.length; at += REQUESTS_AT_ONCE)
    await Promise.all(batches.slice(at, at + REQUESTS_AT_ONCE).map(one));
  return { receipts: refused, reason };
}
