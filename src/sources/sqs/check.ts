import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { awsError, classify, isRefusal } from '../../aws/errors.ts';
import type { Context } from '../../contracts/component.ts';
import { messageOf } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import type { SqsSourceOptions } from './options.ts';
import { createSqsClient, queueName } from './queue.ts';

/** A few restarts would use up fewer receives than this. */
const FEW_RECEIVES = 5;
const SHORT_VISIBILITY_MS = 30_000;
const SHORT_RETENTION_S = 4 * 86_400;

/** Inspects the queue without receiving, which would count against the redrive policy. */
export async function* checkQueue(
  options: SqsSourceOptions,
  context: Context,
): AsyncGenerator<Finding, void, undefined> {
  const url = options.queue_url;
  const client = createSqsClient(options, url, { signal: context.abort });
  try {
    const check = `sqs queue ${queueName(url)}`;
    let attributes: Readonly<Record<string, string>>;
    try {
      attributes = await attributesOf(client, url, context);
    } catch (error) {
      const finding: Finding = { check, status: 'failed', detail: messageOf(error) };
      // The message of any other failure already contains the fix.
      yield isRefusal(error) ? { ...finding, fix: 'Allow sqs:GetQueueAttributes on the queue.' } : finding;
      return;
    }
    const { ApproximateNumberOfMessages = '?', ApproximateNumberOfMessagesNotVisible = '?' } = attributes;
    const detail = `messages: ${ApproximateNumberOfMessages} waiting, ${ApproximateNumberOfMessagesNotVisible} being read`;
    yield { check, status: 'ok', detail };
    yield redrive(attributes['RedrivePolicy']);
    yield retention(Number(attributes['MessageRetentionPeriod'] ?? 0));
    yield visibility(options.queue_visibility_timeout);
    yield* permissions(client, url, context);
  } finally {
    client.destroy();
  }
}

async function attributesOf(
  client: SQSClient,
  url: string,
  context: Context,
): Promise<Record<string, string>> {
  const { retry: policy, abort: signal, log, meter } = context;
  const what = `get attributes of ${url}`;
  const attempt = async (): Promise<Record<string, string>> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
    const reply = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw awsError(error, what);
    });
    return reply.Attributes ?? {};
  };
  return retry(attempt, { policy, signal, what, log, meter });
}

function redrive(policy: string | undefined): Finding {
  const check = 'sqs redrive policy';
  const fix =
    'Give the queue a dead-letter queue with maxReceiveCount 10: outages and kills count as receives too.';
  const receives = /"maxReceiveCount"\s*:\s*"?(\d+)/.exec(policy ?? '')?.[1];
  if (receives === undefined) {
    const detail = 'there is none: an object that cannot be read is retried until its message expires';
    return { check, status: 'warning', detail, fix };
  }
  const detail = `given up after ${receives} receives`;
  return Number(receives) < FEW_RECEIVES
    ? { check, status: 'warning', detail, fix }
    : { check, status: 'ok', detail };
}

function retention(seconds: number): Finding {
  const check = 'sqs retention';
  const detail = `messages expire after ${Math.round(seconds / 3_600)} h`;
  if (seconds >= SHORT_RETENTION_S) return { check, status: 'ok', detail };
  const fix =
    'Set MessageRetentionPeriod to 14 days: only a backfill finds what expires during an outage of the SIEM.';
  return { check, status: 'warning', detail, fix };
}

function visibility(ms: number): Finding {
  const check = 'sqs visibility';
  const detail = `a killed run's messages return after ${ms / 1_000} s (queue_visibility_timeout)`;
  if (ms >= SHORT_VISIBILITY_MS) return { check, status: 'ok', detail };
  const fix =
    'Set queue_visibility_timeout to a minute or more: with a late heartbeat, others do the same work.';
  return { check, status: 'warning', detail, fix };
}

/** Uses an invalid receipt: with permission, the answer is that it is invalid; without, the call is refused. */
async function* permissions(client: SQSClient, url: string, { abort }: Context): AsyncGenerator<Finding> {
  const entry = { Id: '0', ReceiptHandle: 'check' };
  const calls = {
    'sqs:DeleteMessage': () =>
      client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: [entry] }), { abortSignal: abort }),
    'sqs:ChangeMessageVisibility': () =>
      client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: url,
          Entries: [{ ...entry, VisibilityTimeout: 0 }],
        }),
        { abortSignal: abort },
      ),
  };
  for (const [action, call] of Object.entries(calls)) {
    const failure = await call().then(
      () => undefined,
      (error: unknown) => classify(error),
    );
    if (failure !== undefined)
      yield { check: action, status: 'failed', detail: failure.reason, fix: `Allow ${action} on the queue.` };
    else yield { check: action, status: 'ok', detail: 'allowed' };
  }
}
