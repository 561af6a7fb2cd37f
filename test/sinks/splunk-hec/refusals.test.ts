import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Document, Outcome } from '../../../src/contracts/types.ts';
import { CHECK_SOURCETYPE } from '../../../src/sinks/splunk-hec/check-event.ts';
import { testDocument } from '../../contract/sink.ts';
import { sized } from '../../full.ts';
import {
  type HecAnswer,
  type HecRequest,
  refusal,
  type ScriptedHec,
  SUCCESS,
  scriptHec,
} from '../../scripted/hec.ts';
import { openHec } from './open.ts';

const live = new AbortController().signal;
const letters = (text: string): Document[] => text.split('').map((uid) => testDocument(uid));
const many = (count: number): Document[] =>
  Array.from({ length: count }, (_, nth) => testDocument(`n${nth}`));
const fates = (outcomes: readonly Outcome[]): string => outcomes.map(({ fate }) => fate[0]).join('');
const isCheck = ({ text }: HecRequest): boolean => text.includes(CHECK_SOURCETYPE);

let server: ScriptedHec | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function open(answer: (request: HecRequest) => HecAnswer, over: Record<string, unknown> = {}) {
  server = await scriptHec(answer);
  const { events, url } = server;
  const { sink, counted } = await openHec(url, over);
  return { sink, counted, events, checks: () => events.filter(isCheck) };
}

const page = (status: number, body: unknown = '<html>no</html>', headers = {}): HecAnswer => ({
  status,
  body,
  headers,
});

describe('an answer that is not from the collector', () => {
  const rows: [string, HecAnswer, RegExp][] = [
    ['200 of a captive portal', page(200), /login page/],
    ['200 with half a JSON text', page(200, '{"text":"Succ'), /not as an HTTP Event Collector/],
    ['301', page(301, '', { location: '/x' }), /redirect/],
    ['302 to a login page', page(302, '', { location: '/login' }), /redirect/],
    ['307', page(307, ''), /redirect/],
    ['400 in HTML', page(400), /gateway/],
    ['403 in HTML', page(403), /firewall/],
    ['403 with its own JSON', page(403, { code: 403, message: 'denied' }), /firewall/],
    ['404 in HTML', page(404), /no HTTP Event Collector/],
    ['405', page(405), /no HTTP Event Collector/],
    ['406', page(406), /no HTTP Event Collector/],
    ['411', page(411), /Content-Length/],
    ['501', page(501), /no HTTP Event Collector/],
  ];

  it.each(rows)('%s to every request stops the run, with the fix', async (_, answer, words) => {
    const { sink, events, counted } = await open(() => answer);
    const writing = sink.write(letters('abc'), live);
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow(words);
    expect(events).toHaveLength(2);
    expect(counted('possibly_duplicated')).toBe(0);
  });

  it.each(rows)('%s to one event only: found by halving, and the others are delivered', async (_, answer) => {
    const { sink, checks } = await open(({ uids }) => (uids.includes('b') ? answer : SUCCESS));
    const outcomes = await sink.write(letters('abcd'), live);
    expect(fates(outcomes)).toBe('drdd');
    expect(outcomes[1]).toMatchObject({ reason: expect.stringMatching(/proxy or firewall .* HTTP \d+/) });
    expect(JSON.stringify(outcomes)).not.toContain('html');
    expect(checks()).toHaveLength(1);
  });

  it('to the only event is that event’s fault', async () => {
    const { sink } = await open((request) => (isCheck(request) ? SUCCESS : page(403)));
    expect(fates(await sink.write(letters('a'), live))).toBe('r');
  });

  it('with acks, too', async () => {
    let id = 0;
    const { sink } = await open(
      ({ path, text, uids }) => {
        if (path.endsWith('/ack')) {
          const { acks } = JSON.parse(text) as { acks: number[] };
          return { body: { acks: Object.fromEntries(acks.map((ack) => [ack, true])) } };
        }
        return uids.includes('b') ? page(403) : { body: { text: 'Success', code: 0, ackId: id++ } };
      },
      { ack: true, ack_interval: '10ms' },
    );
    expect(fates(await sink.write(letters('abc'), live))).toBe('drd');
  });
});

describe('a request of 20 or more events that is refused as a whole', () => {
  const named = refusal(400, 6, { 'invalid-event-number': 0 });
  const unnamed = refusal(400, 12);

  it.each([
    ['named', named],
    ['unnamed', unnamed],
  ] as const)('is the events’ fault if a harmless one is accepted (%s)', async (_, answer) => {
    const { sink, checks } = await open((request) => (isCheck(request) ? SUCCESS : answer), {
      index: 'main',
    });
    expect(fates(await sink.write(many(25), live))).toBe('r'.repeat(25));
    expect(checks()).toHaveLength(1);
    expect(JSON.parse(checks()[0]?.text ?? '')).toMatchObject({
      index: 'main',
      source: 'stepsecurity:check',
    });
  });

  it.each([
    ['named', named],
    ['unnamed', unnamed],
  ] as const)(
    'is the receiver’s fault if that one is refused too: found soon, and no event gets a fate (%s)',
    async (_, answer) => {
      const { sink, events } = await open(() => answer);
      const writing = sink.write(many(2_000), live);
      await expect(writing).rejects.toThrow(UnavailableError);
      await expect(writing).rejects.toThrow(/including a harmless one of ours/);
      // How many halves are in flight when the verdict comes depends on the machine; one by one it would be thousands.
      expect(events.length).toBeLessThan(200);
    },
  );

  it('is tried even if the refusals differ', async () => {
    const { sink } = await open(({ uids }) =>
      refusal(400, uids[0] === 'n3' ? 13 : 6, { 'invalid-event-number': 0 }),
    );
    await expect(sink.write(many(25), live)).rejects.toThrow(UnavailableError);
  });

  it('is not tried with fewer than 20', async () => {
    const { sink, checks } = await open(() => named);
    expect(fates(await sink.write(many(19), live))).toBe('r'.repeat(19));
    expect(checks()).toEqual([]);
  });

  it('is not tried while others are accepted', async () => {
    const { sink, checks } = await open(({ uids }) => {
      const at = uids.findIndex((uid) => uid !== 'n0');
      return at < 0 ? SUCCESS : refusal(400, 6, { 'invalid-event-number': at });
    });
    expect(fates(await sink.write(many(30), live))).toBe(`d${'r'.repeat(29)}`);
    expect(checks()).toEqual([]);
  });

  it('because of the index stops the run with exit 2', async () => {
    const { sink } = await open((request) => (isCheck(request) ? refusal(400, 7) : named));
    await expect(sink.write(many(25), live)).rejects.toThrow(ConfigError);
  });
});

describe('finding the refused events', () => {
  const bad = new Set(['n17', 'n4711', 'n9999']);
  const hasBad = (uids: readonly string[]): boolean => uids.some((uid) => bad.has(uid));

  it.each([
    ['refused without a number', () => refusal(400, 12)],
    ['answered by a firewall', () => page(403)],
  ] as const)('among 10,000, %s, takes k log n requests', async (_, answer) => {
    const { sink, events } = await open(({ uids }) => (hasBad(uids) ? answer() : SUCCESS), {
      request_bytes: 800_000,
    });
    const outcomes = await sink.write(many(10_000), live);
    expect(outcomes.filter(({ fate }) => fate === 'rejected')).toHaveLength(3);
    const requests = events.filter((request) => !isCheck(request)).length;
    expect(requests).toBeLessThan(10_000 / 1_000 + 2 * 3 * Math.log2(10_000));
  });

  it('sends no event often, when a receiver names hundreds one by one', async () => {
    const { sink, events } = await open((request) =>
      isCheck(request) ? SUCCESS : refusal(400, 6, { 'invalid-event-number': 0 }),
    );
    const count = sized(1_000, 200);
    expect(fates(await sink.write(many(count), live))).toBe('r'.repeat(count));
    const sent = events.reduce((sum, { uids }) => sum + uids.length, 0);
    expect(sent).toBeLessThan(count * 16 * Math.log2(count));
  });
});
