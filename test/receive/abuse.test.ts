import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { converse, type Receiving, receiving, statusesIn } from './receiving.ts';

/**
 * What a sender can do to a receiver besides posting, one per row: the reply it gets, and that nothing else changed.
 */

const BODY = '{"id":"Reverse-Shell"}';
const CAP = 4_096;

let held: Receiving;
let release: () => void;
let ended: Promise<void>;

beforeAll(async () => {
  const receive = {
    body_bytes: CAP,
    header_timeout: '300ms',
    body_timeout: '600ms',
    connection_concurrency: 40,
  };
  await new Promise<void>((resolve) => {
    ended = receiving(
      async (receiver) => {
        held = receiver;
        resolve();
        await new Promise<void>((done) => {
          release = done;
        });
      },
      { receive },
    );
  });
});

afterAll(async () => {
  release();
  await ended;
});

/** A request as text. `{secret}` is filled in. */
function post(headers: readonly string[], body = BODY, line = 'POST /webhook HTTP/1.1'): string {
  const auth = 'Authorization: Bearer {secret}';
  return [line, 'Host: receiver', auth, ...headers, '', body].join('\r\n');
}
const length = (body = BODY): string => `Content-Length: ${body.length}`;
const sized = (bytes: number): string => post([`Content-Length: ${bytes}`], 'x'.repeat(bytes));
const at = (line: string): string => post([length()], BODY, line);
const slowly = (text: string): string[] => text.split('');
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked';

interface Row {
  readonly what: string;
  readonly send: string | readonly string[];
  /** Statuses, in order. */
  readonly gets: readonly number[];
  /** Bodies that it stores. */
  readonly stores?: number;
  readonly closes?: boolean;
  readonly pauseMs?: number;
}

const ROWS: readonly Row[] = [
  { what: 'a request', send: post([length()]), gets: [200], stores: 1, closes: false },
  { what: 'chunks', send: post([CHUNKED], `${chunk(BODY)}0\r\n\r\n`), gets: [200], stores: 1 },
  { what: 'GET', send: post([], '', 'GET /webhook HTTP/1.1'), gets: [405], closes: false },
  { what: 'HEAD', send: post([], '', 'HEAD /webhook HTTP/1.1'), gets: [405] },
  { what: 'OPTIONS', send: post([], '', 'OPTIONS /webhook HTTP/1.1'), gets: [405] },
  { what: 'PUT', send: at('PUT /webhook HTTP/1.1'), gets: [405] },
  { what: 'an unknown method', send: at('BREW /webhook HTTP/1.1'), gets: [400] },
  { what: 'CONNECT', send: post([], '', 'CONNECT evil.example:443 HTTP/1.1'), gets: [], closes: true },
  { what: 'another path', send: at('POST /other HTTP/1.1'), gets: [404] },
  { what: 'a path that climbs', send: at('POST /../webhook HTTP/1.1'), gets: [404] },
  { what: 'a path below', send: at('POST /webhook/ HTTP/1.1'), gets: [404] },
  { what: 'an encoded path', send: at('POST /%77ebhook HTTP/1.1'), gets: [404] },
  { what: 'a whole URL', send: at('POST http://evil.example/webhook HTTP/1.1'), gets: [404] },
  { what: 'a query', send: at('POST /webhook?a=b HTTP/1.1'), gets: [200], stores: 1 },
  { what: 'no secret', send: post([length()]).replace(/Authorization.*\r\n/, ''), gets: [401] },
  { what: 'a wrong secret', send: post([length()]).replace('{secret}', 'x'.repeat(32)), gets: [401] },
  {
    what: 'a secret with more after it',
    send: post([length()]).replace('{secret}', '{secret}x'),
    gets: [401],
  },
  {
    what: 'a large body without the secret, which is not read',
    send: sized(CAP * 32).replace('{secret}', 'wrong'),
    gets: [401],
    closes: true,
  },
  { what: 'the largest allowed body', send: sized(CAP), gets: [200], stores: 1 },
  { what: 'a body that is too large', send: sized(CAP + 1), gets: [413] },
  {
    what: 'chunks without end',
    send: [post([CHUNKED], ''), ...Array.from({ length: 9 }, () => chunk('x'.repeat(512)))],
    gets: [413],
    closes: true,
  },
  {
    what: 'slow chunks without end',
    send: [post([CHUNKED], ''), ...Array.from({ length: 40 }, () => chunk('x'))],
    gets: [408],
    closes: true,
    pauseMs: 100,
  },
  {
    what: 'a slow header',
    send: slowly(post([length()])),
    gets: [408],
    closes: true,
    pauseMs: 40,
  },
  { what: 'nothing at all', send: '', gets: [408], closes: true },
  { what: 'a body that never comes', send: post(['Content-Length: 100'], 'x'), gets: [408], closes: true },
  { what: 'bad UTF-8', send: post(['Content-Length: 2'], '\u00ff\u00fe'), gets: [200], stores: 1 },
  { what: 'no JSON', send: post([length('hello')], 'hello'), gets: [200], stores: 1 },
  { what: 'an empty body', send: post(['Content-Length: 0'], ''), gets: [200], closes: false },
  { what: 'HTTP/1.0', send: at('POST /webhook HTTP/1.0'), gets: [200], stores: 1, closes: true },
  { what: 'HTTP/0.9', send: 'GET /webhook\r\n\r\n', gets: [405], closes: true },
  { what: 'HTTP/2 without TLS', send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', gets: [400], closes: true },
  { what: 'no Host', send: post([length()]).replace('Host: receiver\r\n', ''), gets: [400] },
  {
    what: 'three requests in one piece',
    send: post([length()]).repeat(3),
    gets: [200, 200, 200],
    stores: 3,
    closes: false,
  },
  {
    what: 'a request followed by rubbish, which must not get the answer of the request',
    send: `${post([length()])}\u0000\u0001rubbish\r\n\r\n`,
    gets: [],
    closes: true,
  },
  {
    what: 'a request to continue before the body',
    send: [post(['Expect: 100-continue', length()], ''), BODY],
    gets: [100, 200],
    stores: 1,
    pauseMs: 50,
  },
  {
    what: 'the same without the secret',
    send: post(['Expect: 100-continue', length()], '').replace('{secret}', 'wrong'),
    gets: [401],
  },
  {
    what: 'the same for a body that is too large',
    send: post(['Expect: 100-continue', 'Content-Length: 999999999'], ''),
    gets: [413],
    closes: true,
  },
  { what: 'another expectation', send: post(['Expect: a miracle', length()]), gets: [417] },
  {
    what: 'both lengths (CL.TE)',
    send: post([length('0\r\n\r\nG'), CHUNKED], '0\r\n\r\nG'),
    gets: [400],
    closes: true,
  },
  {
    what: 'both lengths (TE.CL)',
    send: post([CHUNKED, 'Content-Length: 4'], '1\r\nZ\r\n0\r\n\r\n'),
    gets: [400],
    closes: true,
  },
  { what: 'two lengths', send: post([length(), 'Content-Length: 1']), gets: [400], closes: true },
  { what: 'a length that is not a number', send: post(['Content-Length: +22']), gets: [400], closes: true },
  {
    what: 'an encoding after the chunked one',
    send: post(['Transfer-Encoding: chunked, identity'], `${chunk(BODY)}0\r\n\r\n`),
    gets: [400],
    closes: true,
  },
  {
    what: 'a chunk whose length is not a number',
    send: post([CHUNKED], 'zz\r\nx\r\n0\r\n\r\n'),
    gets: [400],
    closes: true,
  },
  {
    what: 'a header folded over two lines',
    send: post(['X-A: b\r\n c', length()]),
    gets: [400],
    closes: true,
  },
  { what: 'a blank before a colon', send: post(['X-A : b', length()]), gets: [400], closes: true },
  {
    what: 'a bare line feed in a header',
    send: post(['X-A: b\nX-C: d', length()]),
    gets: [400],
    closes: true,
  },
  { what: 'NUL in a header', send: post(['X-A: \u0000', length()]), gets: [400], closes: true },
  { what: 'a long header', send: post([`X-A: ${'a'.repeat(20_000)}`, length()]), gets: [431], closes: true },
  {
    what: 'a flood of headers',
    send: post([...Array.from({ length: 3_000 }, (_, n) => `X-${n}: a`), length()]),
    gets: [431],
    closes: true,
  },
  { what: 'a long path', send: at(`POST /${'a'.repeat(20_000)} HTTP/1.1`), gets: [431] },
  { what: 'TLS', send: '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', gets: [400], closes: true },
];

/** Bodies stored since the receiver was opened. */
function storedBodies(): number {
  return held.stored().reduce((sum, text) => sum + Math.max(1, text.split('\n').length - 1), 0);
}

describe('a sender that sends', () => {
  it.each(ROWS)('$what', async ({ send, gets, stores = 0, closes, pauseMs = 0 }) => {
    const before = storedBodies();
    const pieces = [send]
      .flat()
      .map((text) => Buffer.from(text.replaceAll('{secret}', held.secret), 'latin1'));
    const { text, closed } = await converse(held.port, pieces, {
      answers: Math.max(1, gets.length),
      pauseMs,
    });
    expect(statusesIn(text)).toEqual(gets);
    if (closes !== undefined) expect(closed).toBe(closes);
    expect(storedBodies() - before).toBe(stores);
    // The reply repeats nothing that was sent.
    expect(text).not.toContain(held.secret);
    expect(text).not.toMatch(/receiver|rubbish|evil|Reverse/);
    expect((await held.post(BODY)).status).toBe(200);
  });

  it('opens more connections than are allowed: they are closed immediately, and counted', async () => {
    const head = [Buffer.from('POST /webhook HTTP/1.1\r\n')];
    const crowd = await Promise.all(
      Array.from({ length: 60 }, () => converse(held.port, head, { answers: 1 })),
    );
    expect(crowd.filter(({ text, closed }) => closed && text === '').length).toBeGreaterThanOrEqual(20);
    await sleep(100);
    const metrics = await (await fetch(`${held.status}/metrics`)).text();
    expect(metrics).toMatch(/receive_connections_dropped_total\{.*\} [1-9]/);
    expect((await held.post(BODY)).status).toBe(200);
  });

  it('learns nothing, and its words are in no log', () => {
    const said = JSON.stringify(held.logged);
    expect(said).toMatch(/a request was refused/);
    expect(said).not.toMatch(/rubbish|evil|BREW|wrong|xxxx|aaaa|miracle/);
    expect(said).not.toContain(held.secret);
  });
});
