import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import { testDocument } from '../../contract/sink.ts';
import { type HecAnswer, refusal, type ScriptedHec, scriptHec } from '../../scripted/hec.ts';
import { openHec } from './open.ts';

const live = new AbortController().signal;
const two = [testDocument('a'), testDocument('b')];
const options = { ack: true, ack_interval: '10ms', ack_timeout: '80ms' };

let server: ScriptedHec | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Returns the ids in order; `told` answers each poll. */
async function withAcks(
  ids: readonly (number | undefined)[],
  told: (asked: readonly number[], question: number) => HecAnswer,
): Promise<ScriptedHec> {
  let given = 0;
  let question = 0;
  server = await scriptHec(({ path, text }) => {
    if (path.endsWith('/health')) return { body: { code: 17 }, headers: { 'set-cookie': 'node=3' } };
    if (path.endsWith('/ack')) return told((JSON.parse(text) as { acks: number[] }).acks, question++);
    const ackId = ids[given++];
    return { body: { text: 'Success', code: 0, ...(ackId !== undefined && { ackId }) } };
  });
  return server;
}

const answer = (asked: readonly number[], value: boolean): HecAnswer => ({
  body: { acks: Object.fromEntries(asked.map((id) => [id, value])) },
});

describe('indexer acknowledgement', () => {
  it('stops when the receiver sends no ackId', async () => {
    const { url } = await withAcks([undefined], (asked) => answer(asked, true));
    const { sink } = await openHec(url, options);
    await expect(sink.write(two, live)).rejects.toThrow(ConfigError);
  });

  it('stops when the receiver does not support acks', async () => {
    const { url } = await withAcks([0], () => refusal(400, 14));
    const { sink } = await openHec(url, options);
    await expect(sink.write(two, live)).rejects.toThrow(ConfigError);
  });

  it('resends what is not acknowledged in time, and counts it', async () => {
    const { url } = await withAcks([0, 1], (asked) => answer(asked, !asked.includes(0)));
    const { sink, counted } = await openHec(url, options);
    expect(await sink.write(two, live)).toEqual([{ fate: 'delivered' }, { fate: 'delivered' }]);
    expect(server?.events).toHaveLength(2);
    expect(counted('possibly_duplicated')).toBe(2);
  });

  it('gives up at last', async () => {
    const { url } = await withAcks([0, 1, 2, 3, 4, 5, 6, 7], (asked) => answer(asked, false));
    const { sink } = await openHec(url, options, { maxElapsedMs: 250 });
    await expect(sink.write(two, live)).rejects.toThrow(UnavailableError);
  });

  it('polls again after a failed poll', async () => {
    const { url } = await withAcks([0], (asked, question) =>
      question < 2 ? refusal(503, 9) : answer(asked, true),
    );
    const { sink, counted } = await openHec(url, { ...options, ack_timeout: '5000ms' });
    await sink.write(two, live);
    expect(counted('ack_requests')).toBe(3);
    expect(counted('possibly_duplicated')).toBe(0);
  });

  it('resends both when the receiver gives an id twice: a yes could mean either', async () => {
    const { url } = await withAcks([5, 5, 6, 7], (asked) => answer(asked, !asked.includes(5)));
    const { sink, counted } = await openHec(url, { ...options, ack_timeout: '5000ms' });
    await Promise.all([sink.write([testDocument('a')], live), sink.write([testDocument('b')], live)]);
    expect(server?.events.flatMap(({ uids }) => uids).sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(counted('possibly_duplicated')).toBe(2);
  });

  it('accepts id 0, polls until true once, on one channel and with the cookie it got first', async () => {
    const { url } = await withAcks([0, 1], (asked, question) => answer(asked, question > 0));
    const { sink, counted } = await openHec(url, { ...options, ack_timeout: '5000ms' });
    await sink.write(two, live);
    await sink.write([testDocument('c')], live);
    const asked = server?.others.filter(({ path }) => path.endsWith('/ack')).map(({ text }) => text);
    expect(asked).toEqual(['{"acks":[0]}', '{"acks":[0]}', '{"acks":[1]}']);
    const all = [...(server?.events ?? []), ...(server?.others.slice(1) ?? [])];
    const channels = new Set(all.map(({ headers }) => headers['x-splunk-request-channel']));
    expect(channels.size).toBe(1);
    expect([...channels][0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(all.map(({ headers }) => headers.cookie))).toEqual(new Set(['node=3']));
    expect(counted('possibly_duplicated')).toBe(0);
  });

  it('ends with the reason for an abort while waiting', async () => {
    const { url } = await withAcks([0], (asked) => answer(asked, false));
    const { sink, counted } = await openHec(url, {
      ...options,
      ack_timeout: '60000ms',
      ack_interval: '60000ms',
    });
    const controller = new AbortController();
    const reason = new Error('grace over');
    setTimeout(() => controller.abort(reason), 60);
    await expect(sink.write(two, controller.signal)).rejects.toBe(reason);
    expect(counted('possibly_duplicated')).toBe(2);
  });

  it('sends nothing when it is aborted before the first request', async () => {
    server = await scriptHec(({ path }) =>
      path.endsWith('/health') ? 'hang' : { body: { code: 0, ackId: 0 } },
    );
    const { sink, counted } = await openHec(server.url, options);
    const controller = new AbortController();
    const reason = new Error('grace over');
    setTimeout(() => controller.abort(reason), 30);
    await expect(sink.write(two, controller.signal)).rejects.toBe(reason);
    expect(server.events).toEqual([]);
    expect(counted('possibly_duplicated')).toBe(0);
  });
});
