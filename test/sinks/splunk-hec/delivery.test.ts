import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, UnavailableError } from '../../../src/contracts/errors.ts';
import type { Sending } from '../../../src/contracts/sink.ts';
import type { Document, Outcome } from '../../../src/contracts/types.ts';
import { testDocument } from '../../contract/sink.ts';
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
const fates = (outcomes: readonly Outcome[]): string => outcomes.map(({ fate }) => fate[0]).join('');

let server: ScriptedHec | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Answers from a list, then with success. */
async function inTurn(...answers: HecAnswer[]): Promise<ScriptedHec> {
  server = await scriptHec(() => answers.shift() ?? SUCCESS);
  return server;
}

async function answering(
  answer: (request: HecRequest) => HecAnswer | Promise<HecAnswer>,
): Promise<ScriptedHec> {
  server = await scriptHec(answer);
  return server;
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const sent = (): string[] => (server?.events ?? []).map(({ uids }) => uids.join(''));

describe('failures that stop the run', () => {
  it.each([
    ['a refused token', refusal(403, 4)],
    ['a wrong index, before anything is dead-lettered', refusal(400, 7, { 'invalid-event-number': 1 })],
    ['a token that wants a channel', refusal(400, 10)],
    ['a receiver without gzip', { status: 415, body: '<html>' }],
  ] as const)('%s', async (_, answer) => {
    const { url } = await inTurn(answer);
    const { sink, counted } = await openHec(url);
    await expect(sink.write(letters('abc'), live)).rejects.toThrow(ConfigError);
    expect(sent()).toEqual(['abc']);
    expect(counted('possibly_duplicated')).toBe(0);
  });

  it('never print the token', async () => {
    const token = 'very-secret-token';
    const { url } = await inTurn(refusal(403, 4));
    const { sink } = await openHec(url, { token });
    const error = await sink.write(letters('a'), live).catch((caught: unknown) => caught);
    expect(String(error)).not.toContain(token);
  });

  it('include a whole request of 20 refused with one error', async () => {
    const { url } = await answering(({ uids }) =>
      refusal(400, 12, uids.length > 1 ? {} : { 'invalid-event-number': 0 }),
    );
    const { sink } = await openHec(url);
    await expect(sink.write(letters('abcdefghijklmnopqrst'), live)).rejects.toThrow(UnavailableError);
  });

  it.each([
    ['a stored event', SUCCESS, 1],
    ['an event in flight', 'hang', 2],
  ] as const)('count %s as a possible repeat, because it will be resent', async (_, answer, inFlight) => {
    // The refusal waits for the other request: otherwise it could end the write before that was sent.
    const first = deferred();
    const { url } = await answering(async ({ uids }) => {
      if (uids.includes('a')) first.resolve();
      if (!uids.includes('b')) return answer;
      await first.promise;
      return refusal(403, 4);
    });
    const { sink, counted } = await openHec(url, { request_bytes: 1_000, request_concurrency: inFlight });
    const documents = letters('ab').map((document) => ({
      ...document,
      json: Buffer.from(`{"pad":"${'x'.repeat(900)}"}`),
    }));
    await expect(sink.write(documents, live)).rejects.toThrow(ConfigError);
    expect(sent().sort()).toEqual(['a', 'b']);
    expect(counted('possibly_duplicated')).toBe(1);
  });
});

describe('failures that are waited out', () => {
  it.each([
    ['too many requests', refusal(429, 26), 0],
    ['busy', refusal(503, 9), 0],
    ['an internal error: perhaps stored', refusal(500, 8), 3],
    ['a gateway’s error: perhaps stored', { status: 502, body: '<html>' }, 3],
    ['a cut connection: perhaps stored', 'cut', 3],
  ] as const)('%s', async (_, answer, possibly) => {
    const { url } = await inTurn(answer);
    const { sink, counted } = await openHec(url);
    expect(fates(await sink.write(letters('abc'), live))).toBe('ddd');
    expect(sent()).toEqual(['abc', 'abc']);
    expect(counted('retries')).toBe(1);
    expect(counted('possibly_duplicated')).toBe(possibly);
  });

  it('include a reply that never comes: resent, and counted', async () => {
    const { url } = await inTurn('hang');
    const { sink, counted } = await openHec(url, { request_timeout: '100ms' });
    expect(fates(await sink.write(letters('ab'), live))).toBe('dd');
    // On a busy machine the next reply may be late as well.
    const tries = sent();
    expect(tries.length).toBeGreaterThanOrEqual(2);
    expect(new Set(tries)).toEqual(new Set(['ab']));
    expect(counted('possibly_duplicated')).toBe(2 * (tries.length - 1));
  });

  it('are not waited out longer than the policy allows; a lost reply then counts for the run that resends it', async () => {
    const { url } = await answering(() => 'cut');
    const { sink, counted } = await openHec(url, {}, { maxElapsedMs: 30 });
    await expect(sink.write(letters('ab'), live)).rejects.toThrow(UnavailableError);
    expect(counted('possibly_duplicated')).toBe(2 * (server?.events.length ?? 0));
  });
});

describe('a refused event', () => {
  const refuse =
    (bad: string, how: (at: number) => HecAnswer) =>
    ({ uids }: HecRequest): HecAnswer => {
      const at = uids.findIndex((uid) => bad.includes(uid));
      return at < 0 ? SUCCESS : how(at);
    };

  it('is named from 0: it is retried alone once, what is before it is stored, and the rest is resent', async () => {
    const { url } = await answering(refuse('ce', (at) => refusal(400, 6, { 'invalid-event-number': at })));
    const { sink, counted } = await openHec(url);
    expect(fates(await sink.write(letters('abcdefg'), live))).toBe('ddrdrdd');
    expect(sent()).toEqual(['abcdefg', 'c', 'defg', 'fg']);
    expect(counted('possibly_duplicated')).toBe(0);
  });

  it('is named from 1 by another receiver: nothing is lost, and the right one is refused', async () => {
    const { url } = await answering(refuse('b', (at) => refusal(400, 6, { 'invalid-event-number': at + 1 })));
    const { sink } = await openHec(url);
    expect(fates(await sink.write(letters('abcd'), live))).toBe('drdd');
    expect(sent()).toEqual(['abcd', 'c', 'abd', 'a', 'bd', 'b', 'd']);
  });

  it('is not named: it is found by halving, and resent events count', async () => {
    const { url } = await answering(refuse('c', () => refusal(400, 12)));
    const { sink, counted } = await openHec(url);
    expect(fates(await sink.write(letters('abcd'), live))).toBe('ddrd');
    expect(sent()).toEqual(['abcd', 'ab', 'cd', 'c', 'd']);
    expect(counted('possibly_duplicated')).toBe(6);
  });

  it('with acks: a 400 acknowledges nothing, so all but the named one are resent', async () => {
    let id = 0;
    const judge = refuse('b', (at) => refusal(400, 6, { 'invalid-event-number': at }));
    const { url } = await answering((request) => {
      if (request.path.endsWith('/ack')) {
        const { acks } = JSON.parse(request.text) as { acks: number[] };
        return { body: { acks: Object.fromEntries(acks.map((ack) => [ack, true])) } };
      }
      const verdict = judge(request);
      return verdict === SUCCESS ? { body: { text: 'Success', code: 0, ackId: id++ } } : verdict;
    });
    const { sink, counted } = await openHec(url, { ack: true, ack_interval: '10ms' });
    expect(fates(await sink.write(letters('abc'), live))).toBe('drd');
    expect(sent()).toEqual(['abc', 'b', 'ac']);
    expect(counted('possibly_duplicated')).toBe(1);
  });

  it('too large for the receiver: the request is halved, and a single event is refused', async () => {
    const big = 'c';
    const { url } = await answering(({ uids }) =>
      uids.length > 1 || uids.includes(big) ? { status: 413, body: '<html>' } : SUCCESS,
    );
    const { sink, counted } = await openHec(url);
    expect(fates(await sink.write(letters('abcd'), live))).toBe('ddrd');
    expect(counted('possibly_duplicated')).toBe(0);
  });

  it('by a gateway, with its own reply: found by halving once anything was accepted', async () => {
    const { url } = await answering(refuse('a', () => ({ status: 400, body: '<html>blocked</html>' })));
    const { sink } = await openHec(url);
    const outcomes = await sink.write(letters('abc'), live);
    expect(fates(outcomes)).toBe('rdd');
    expect(JSON.stringify(outcomes)).not.toContain('html');
  });
});

describe('requests', () => {
  it('are gzip, concatenated envelopes with a token, and no channel', async () => {
    const { url } = await inTurn();
    const { sink, counted } = await openHec(url, { index: 'ci' });
    const time = 1_753_204_032_123;
    await sink.write([testDocument('a', { time }), testDocument('b', { time, role: 'activity' })], live);
    const [request] = server?.events ?? [];
    expect(request?.headers['content-encoding']).toBe('gzip');
    expect(request?.headers['x-splunk-request-channel']).toBeUndefined();
    const [first, second] = (request?.text.trimEnd().split('\n') ?? []).map((line) => JSON.parse(line));
    expect(first).toEqual({
      time: 1_753_204_032.123,
      fields: { uid: 'a' },
      host: 'app.stepsecurity.io',
      source: 'stepsecurity:s3:detections',
      sourcetype: 'stepsecurity:harden_runner:detection',
      index: 'ci',
      event: JSON.parse(testDocument('a', { time }).json.toString()),
    });
    expect(second.sourcetype).toBe('stepsecurity:harden_runner:activity');
    expect(counted('hec_requests')).toBe(1);
    expect(counted('bytes_sent_raw')).toBe(Buffer.byteLength(request?.text ?? ''));
    expect(counted('bytes_sent')).toBe(Number(request?.headers['content-length']));
  });

  it('stay below request_bytes', async () => {
    const { url } = await inTurn();
    const { sink } = await openHec(url, { request_bytes: 2_000 });
    const documents = Array.from({ length: 40 }, (_, n) => testDocument(`n${n}`));
    expect(fates(await sink.write(documents, live))).toBe('d'.repeat(40));
    for (const { text } of server?.events ?? []) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
    expect(server?.events.length).toBeGreaterThan(3);
  });

  it('go to the whole path if url has the endpoint, after a prefix', async () => {
    const { url } = await inTurn();
    const { sink } = await openHec(`${url}/siem/services/collector/event/1.0`);
    await sink.write(letters('a'), live);
    expect(server?.events[0]?.path).toBe('/siem/services/collector/event');
  });

  it('return the load balancer’s cookies', async () => {
    const { url } = await inTurn({
      headers: { 'set-cookie': 'node=7; Path=/; HttpOnly' },
      body: { code: 0 },
    });
    const { sink } = await openHec(url);
    await sink.write(letters('a'), live);
    await sink.write(letters('b'), live);
    expect(server?.events.map(({ headers }) => headers.cookie)).toEqual([undefined, 'node=7']);
  });

  it('close the socket on abort', async () => {
    const { url } = await answering(() => 'hang');
    const { sink, counted } = await openHec(url);
    const controller = new AbortController();
    const reason = new Error('grace over');
    setTimeout(() => controller.abort(reason), 50);
    await expect(sink.write(letters('ab'), controller.signal)).rejects.toBe(reason);
    expect(counted('possibly_duplicated')).toBe(2);
  });
});

describe('a send', () => {
  /** A checkpoint that notes what was announced, and how much of it was withdrawn. */
  function told(over: Partial<Sending> = {}) {
    const announced: number[] = [];
    let withdrawn = 0;
    const sending: Sending = {
      left: 0,
      revisits: false,
      announce: (documents) => void announced.push(documents),
      withdraw: (documents) => {
        withdrawn += documents;
      },
      ...over,
    };
    return { sending, announced, withdrawn: () => withdrawn };
  }

  it('is announced before, and what earlier runs left counts once', async () => {
    const { url } = await inTurn();
    const { sending, announced } = told({ left: 5 });
    const { sink, counted } = await openHec(url, {}, { sending });
    await sink.write(letters('ab'), live);
    await sink.write(letters('c'), live);
    expect({ announced, possibly: counted('possibly_duplicated') }).toEqual({
      announced: [2, 1],
      possibly: 5,
    });
  });

  it('counts each time if settled records are read again', async () => {
    const { url } = await inTurn();
    const { sending, announced } = told({ revisits: true });
    const { sink, counted } = await openHec(url, {}, { sending });
    await sink.write(letters('ab'), live);
    expect({ announced, possibly: counted('possibly_duplicated') }).toEqual({ announced: [4], possibly: 2 });
  });

  it('waits for the checkpoint', async () => {
    const { url } = await inTurn();
    let allow = (): void => undefined;
    const allowed = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const { sink } = await openHec(url, {}, { sending: told({ announce: () => allowed }).sending });
    const writing = sink.write(letters('a'), live);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server?.events).toEqual([]);
    allow();
    await writing;
    expect(server?.events).toHaveLength(1);
  });

  it('is announced again only if the first one may have arrived', async () => {
    const { url } = await inTurn(
      { status: 503, body: { code: 9 } },
      { status: 500, body: {} },
      { body: { code: 0 } },
    );
    const { sending, announced } = told();
    const { sink, counted } = await openHec(url, {}, { sending });
    await sink.write(letters('ab'), live);
    const { length } = server?.events ?? [];
    expect(announced.reduce((sum, one) => sum + one, 0)).toBe(2 + counted('possibly_duplicated'));
    expect(length).toBe(3);
  });

  it('is withdrawn when it did not arrive and the write gives up', async () => {
    const { url } = await answering(() => ({ status: 503, body: { code: 9 } }));
    const { sending, announced, withdrawn } = told();
    const { sink, counted } = await openHec(url, {}, { sending, maxElapsedMs: 50 });
    await expect(sink.write(letters('ab'), live)).rejects.toThrow();
    const given = announced.reduce((sum, one) => sum + one, 0);
    expect(given - withdrawn()).toBe(counted('possibly_duplicated'));
  });
});
