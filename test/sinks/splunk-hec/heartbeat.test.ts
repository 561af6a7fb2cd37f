import { afterEach, describe, expect, it } from '@jest/globals';
import { testHeartbeat } from '../../contract/sink.ts';
import { live } from '../../live.ts';
import { type HecAnswer, refusal, type ScriptedHec, SUCCESS, scriptHec } from '../../scripted/hec.ts';
import { openHec } from './open.ts';

let server: ScriptedHec | undefined;
afterEach(async () => server?.close());

async function beat(answer: HecAnswer, over: Record<string, unknown> = {}): Promise<string | undefined> {
  server = await scriptHec(() => answer);
  const { sink } = await openHec(server.url, over);
  try {
    if (sink.heartbeat === undefined) return undefined;
    await sink.heartbeat(testHeartbeat(), live);
    return 'ok';
  } catch (error) {
    return String(error);
  } finally {
    await sink.close?.();
  }
}

describe('a heartbeat in Splunk', () => {
  it('is one event that no search for detections finds, and uses none of Splunk’s own names', async () => {
    expect(await beat(SUCCESS, { index: 'security' })).toBe('ok');
    expect(server?.events).toHaveLength(1);
    const { event, ...meta } = JSON.parse(server?.events[0]?.text ?? '') as {
      event: Record<string, unknown>;
    };
    expect(meta).toEqual({
      time: 1767323047.5,
      host: 'runner',
      source: 'stepsecurity:feed',
      sourcetype: 'stepsecurity:feed',
      index: 'security',
    });
    expect(event).toMatchObject({
      id: 'writer-1',
      version: '1.2.3',
      read: 3,
      duration: 2.5,
      lag_seconds: 60,
    });
    for (const name of ['host', 'source', 'sourcetype', 'index']) expect(event).not.toHaveProperty(name);
  });

  it.each([
    ['waits for no acknowledgement', { body: { text: 'Success', code: 0, ackId: 1 } }, { ack: true }, /^ok$/],
    ['says that the index is wrong', refusal(400, 7), { index: 'other' }, /may not write to "other"/],
    ['says that the server is busy', refusal(503, 9), {}, /code 9/],
  ] satisfies [string, HecAnswer, Record<string, unknown>, RegExp][])(
    '%s',
    async (_, answer, over, verdict) => {
      expect(await beat(answer, over)).toMatch(verdict);
      expect(server?.events).toHaveLength(1);
      expect(server?.others).toEqual([]);
    },
  );

  it('is switched off', async () => {
    expect(await beat(SUCCESS, { heartbeat: false })).toBeUndefined();
  });
});
