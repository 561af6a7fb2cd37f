import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Batch } from '../../../src/contracts/types.ts';
import { type ScriptedS3, scriptedS3 } from '../../scripted/s3.ts';
import { type ScriptedSqs, scriptedSqs } from '../../scripted/sqs.ts';
import { detection, s3Runs, texts } from '../s3/harness.ts';
import { eventBridge, notification, testEvent } from './events.ts';

let s3: ScriptedS3;
let sqs: ScriptedSqs;

beforeEach(async () => {
  s3 = await scriptedS3();
  sqs = await scriptedSqs();
});
afterEach(async () => {
  await s3.close();
  await sqs.close();
});

const runs = (options: Record<string, unknown> = {}) =>
  s3Runs({
    endpoint: s3.url,
    bucket: 'scripted',
    queue_url: sqs.url,
    queue_wait: '1s',
    queue_visibility_timeout: '2s',
    ...options,
  });

/** Puts an object and its message. */
function put(key: string, body = detection(key)): string {
  const { etag } = s3.put(key, body);
  return sqs.send(notification({ key, etag, size: Buffer.byteLength(body) }));
}

const left = (): string[] => [...sqs.messages.values()].map(({ body }) => body);

describe('a queue that fails', () => {
  it.each([
    ['missing', { status: 400, code: 'QueueDoesNotExist' }],
    ['refused', { status: 403, code: 'AccessDenied' }],
  ])('%s: stops the run, and nothing is deleted', async (_, fault) => {
    put('a');
    sqs.fault = () => fault;
    const run = await runs().run();
    expect(String(run.error)).toMatch(new RegExp(`^ConfigError.*${fault.code}`));
    expect(sqs.messages.size).toBe(1);
  });

  it('is waited out, and a busy one too', async () => {
    put('a');
    const faults = [
      { status: 503, code: 'ServiceUnavailable' },
      { status: 400, code: 'RequestThrottled' },
      { status: 400, code: 'OverLimit' },
    ];
    sqs.fault = (action) => (action === 'ReceiveMessage' ? faults.shift() : undefined);
    const run = await runs().run();
    expect(texts(run)).toEqual([detection('a')]);
    expect(run.counts).toMatchObject({ retries: 3, queue_receives: 5, queue_deletes: 1 });
  });

  it('is given up when it stays unavailable: exit 4', async () => {
    sqs.fault = () => ({ status: 503, code: 'ServiceUnavailable' });
    expect(String((await runs().run({ maxElapsedMs: 50 })).error)).toMatch(/^UnavailableError/);
  });

  it('that does not delete: retries its own faults, counts other ones, stops when refused', async () => {
    put('a');
    let times = 2;
    sqs.fault = (action) =>
      action === 'DeleteMessageBatch' && times-- > 0
        ? { entries: 'InternalError', sender: false }
        : undefined;
    expect((await runs().run()).counts).toMatchObject({ retries: 2, queue_deletes: 1 });
    expect(sqs.messages.size).toBe(0);

    put('b');
    sqs.fault = (action) =>
      action === 'DeleteMessageBatch' ? { entries: 'ReceiptHandleIsInvalid', sender: true } : undefined;
    const second = await runs().run();
    expect(second.error).toBeUndefined();
    expect(second.counts).toMatchObject({ queue_delete_failures: 1, queue_deletes: 0 });
    expect(sqs.messages.size).toBe(1);

    sqs.fault = (action) =>
      action === 'DeleteMessageBatch' ? { status: 403, code: 'AccessDenied' } : undefined;
    await sleep(2_000);
    expect(String((await runs().run()).error)).toMatch(/^ConfigError.*AccessDenied/);
  });

  it('that does not extend a visibility timeout: the run stops when refused', async () => {
    put('a');
    sqs.fault = (action) =>
      action === 'ChangeMessageVisibilityBatch' ? { status: 403, code: 'AccessDenied' } : undefined;
    const { component, context } = runs();
    const source = await component.create(context({}, {}));
    const read = async (): Promise<void> => {
      for await (const batch of source.read(new AbortController().signal)) {
        await sleep(1_500);
        await batch.ack();
      }
    };
    await expect(read()).rejects.toThrow(/AccessDenied/);
    await source.close?.();
  });
});

describe('messages', () => {
  it('in any form are deleted when their objects are acked, and not before', async () => {
    put('a');
    const b = s3.put('b c+%.json', detection('b'));
    sqs.send(eventBridge({ key: b.key, etag: b.etag, size: b.body.length }));
    const { component, context } = runs();
    const counts: Record<string, number> = {};
    const source = await component.create(context({}, counts));
    const batches: Batch[] = [];
    for await (const batch of source.read(new AbortController().signal)) batches.push(batch);
    expect(batches.flatMap(({ records }) => records)).toHaveLength(2);
    expect(sqs.messages.size).toBe(2);
    for (const batch of batches) await batch.ack();
    expect(sqs.messages.size).toBe(0);
    expect(source.progress().size).toBe(0);
    await source.close?.();
    expect(counts).toMatchObject({ queue_messages: 2, queue_deletes: 2, objects_read: 2 });
    expect(counts).not.toHaveProperty('s3_list');
  });

  it('that are not acked are returned when the run ends', async () => {
    put('a');
    put('b');
    const run = await runs({ queue_visibility_timeout: '12h' }).run({ killAfter: 1 });
    expect(run.records).toHaveLength(2);
    const again = await runs().run();
    expect(texts(again).sort()).toEqual([detection('a'), detection('b')]);
    expect(again.counts).toMatchObject({ queue_redelivered: 2, queue_deletes: 2 });
  });

  it('that are not about our objects are deleted and counted', async () => {
    sqs.send(testEvent);
    sqs.send(notification({ key: 'd/x', eventName: 'ObjectRemoved:Delete' }));
    sqs.send(notification({ key: 'd/x', bucket: 'other', etag: 'e', size: 1 }));
    sqs.send(notification({ key: 'elsewhere/x', etag: 'e', size: 1 }));
    sqs.send(
      notification({ key: 'd/temp.json', etag: 'e', size: 9 }, { key: 'd/empty', etag: 'e', size: 0 }),
    );
    const run = await runs({ prefixes: ['d/'] }).run();
    expect(run.error).toBeUndefined();
    expect(run.counts).toMatchObject({ queue_ignored: 4, objects_ignored: 2, queue_deletes: 5 });
    expect(run.counts).not.toHaveProperty('s3_get');
    expect(sqs.messages.size).toBe(0);
  });

  it('are received while others are deleted, and returned if that is refused', async () => {
    for (let i = 0; i < 11; i += 1) sqs.send(testEvent);
    sqs.fault = (action) =>
      action === 'DeleteMessageBatch' ? { status: 403, code: 'AccessDenied' } : undefined;
    const run = await runs({ queue_visibility_timeout: '12h' }).run();
    expect(String(run.error)).toMatch(/^ConfigError.*AccessDenied/);
    expect(sqs.requests.filter((action) => action === 'ReceiveMessage')).toHaveLength(2);
    expect([...sqs.messages.values()].filter(({ visibleAt }) => visibleAt > Date.now())).toEqual([]);
  });

  it('that cannot be understood are left to the redrive policy', async () => {
    sqs.send('not JSON');
    sqs.send('{"not":"known"}');
    put('a');
    const run = await runs().run();
    expect(texts(run)).toEqual([detection('a')]);
    expect(run.counts).toMatchObject({ queue_unreadable: 2, queue_deletes: 1 });
    expect(left().sort()).toEqual(['not JSON', '{"not":"known"}']);
  });

  it('with several records are deleted when the last one is done', async () => {
    const refs = ['a', 'b', 'a'].map((key) => s3.put(key, detection(key)));
    sqs.send(notification(...refs.map(({ key, etag, body }) => ({ key, etag, size: body.length }))));
    const run = await runs().run({ maxRecords: 1 });
    expect(texts(run).sort()).toEqual([detection('a'), detection('b')]);
    expect(run.counts).toMatchObject({ queue_deletes: 1, s3_get: 2 });
  });

  it('that name an object twice have it read once', async () => {
    put('a');
    put('a');
    const run = await runs().run();
    expect(texts(run)).toEqual([detection('a')]);
    expect(run.counts).toMatchObject({ queue_deletes: 2, s3_get: 1 });
  });
});

describe('objects named in a queue', () => {
  it('are done when they are gone', async () => {
    put('a');
    s3.remove('a');
    const run = await runs().run();
    expect(run.counts).toMatchObject({ objects_gone: 1, queue_deletes: 1 });
  });

  it('are read in their current version if they were rewritten', async () => {
    put('a');
    s3.put('a', detection('newer'));
    const run = await runs().run();
    expect(texts(run)).toEqual([detection('newer')]);
    expect(run.counts).toMatchObject({ objects_changed: 1, queue_redelivered: 1, queue_deletes: 1 });
  });

  it('leave their message to the redrive policy if they cannot be read', async () => {
    put('good');
    const poison = put('poison');
    const { etag, body } = s3.put('good2', detection('good2'));
    const mixed = sqs.send(
      notification(
        { key: 'good2', etag, size: body.length },
        { key: 'poison', etag: s3.put('poison', detection('poison')).etag, size: 15 },
      ),
    );
    s3.fault = ({ operation, key }) =>
      operation === 'get' && key === 'poison' ? { status: 403, code: 'AccessDenied' } : undefined;
    const run = await runs().run();
    expect(run.error).toBeUndefined();
    expect(texts(run).sort()).toEqual([detection('good'), detection('good2')]);
    expect(run.counts).toMatchObject({ objects_failed: 1, queue_deletes: 1 });
    expect([...sqs.messages.keys()].sort()).toEqual([poison, mixed].sort());
    for (const message of sqs.messages.values()) expect(message.visibleAt).toBeGreaterThan(0);
  });

  it('extend the visibility of their message while they are in progress, and hold up what would wait for them', async () => {
    const large = Array.from({ length: 2_000 }, (_, i) => detection(String(i))).join('\n');
    const id = put('large', large);
    const { component, context } = runs({ fetch_bytes: 1_000 });
    const counts: Record<string, number> = {};
    const source = await component.create(context({ maxRecords: 500 }, counts));
    const visibilities = sqs.messages.get(id)?.visibilities ?? [];
    let records = 0;
    let other: string | undefined;
    for await (const batch of source.read(new AbortController().signal)) {
      records += batch.records.length;
      other ??= put('small');
      if (records <= 2_000) {
        // Until it is extended once more: four times are longer than its own timeout.
        const kept = visibilities.length;
        while (visibilities.length === kept) await sleep(20);
        expect(sqs.messages.get(id)?.receives).toBe(1);
        expect(sqs.messages.get(other)?.receives).toBe(0);
      }
      await batch.ack();
    }
    await source.close?.();
    expect(records).toBe(2_001);
    expect(counts.queue_heartbeats).toBeGreaterThanOrEqual(3);
    expect(sqs.messages.size).toBe(0);
  });
});

it('a backfill lists, and does not touch the queue', async () => {
  put('a');
  const run = await runs().run({ backfill: {} });
  expect(texts(run)).toEqual([detection('a')]);
  expect(sqs.requests).toEqual([]);
});

it('the doctor checks the queue without receiving', async () => {
  const { component, context } = runs();
  const look = async (): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for await (const { check, status } of component.check(context({}, {})))
      if (check.startsWith('sqs')) found[check] = status;
    return found;
  };
  sqs.fault = () => ({ status: 400, code: 'QueueDoesNotExist' });
  expect(await look()).toEqual({ 'sqs queue scripted': 'failed' });
  sqs.fault = (action) =>
    action === 'DeleteMessageBatch' ? { status: 403, code: 'AccessDenied' } : undefined;
  sqs.attributes = { MessageRetentionPeriod: '3600' };
  expect(await look()).toEqual({
    'sqs queue scripted': 'ok',
    'sqs redrive policy': 'warning',
    'sqs retention': 'warning',
    'sqs visibility': 'warning',
    'sqs:DeleteMessage': 'failed',
    'sqs:ChangeMessageVisibility': 'ok',
  });
  sqs.fault = () => undefined;
  sqs.attributes = {
    MessageRetentionPeriod: '1209600',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:d',
      maxReceiveCount: 10,
    }),
  };
  expect(await look()).toMatchObject({
    'sqs redrive policy': 'ok',
    'sqs retention': 'ok',
    'sqs:DeleteMessage': 'ok',
  });
  expect(sqs.requests).not.toContain('ReceiveMessage');
});

describe('messages that were received too often', () => {
  it('are read alone, after all others are done', async () => {
    for (const key of ['a', 'b', 'c', 'd']) put(key);
    // Readers that die: nothing is returned, so everything becomes visible again.
    for (let death = 0; death < 2; death += 1) {
      for (const message of sqs.messages.values()) message.receives += 1;
    }
    put('fresh');
    const { component, context } = runs();
    const source = await component.create(context({ maxRecords: 2 }, {}));
    const batches: { texts: string[]; left: number }[] = [];
    for await (const batch of source.read(new AbortController().signal)) {
      batches.push({ texts: batch.records.map(({ text }) => text), left: sqs.messages.size });
      await batch.ack();
    }
    await source.close?.();
    expect(batches.map((batch) => batch.texts.length)).toEqual([1, 1, 1, 1, 1]);
    expect(batches[0]?.texts).toEqual([detection('fresh')]);
    // Everything before it is deleted when the next one is opened, so only that one can be to blame.
    expect(batches.map((batch) => batch.left)).toEqual([5, 4, 3, 2, 1]);
  });
});
