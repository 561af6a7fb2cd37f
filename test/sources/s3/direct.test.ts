import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createS3Client } from '../../../src/aws/client.ts';
import type { GetRequest } from '../../../src/aws/get.ts';
import type { ObjectRef } from '../../../src/objects/object.ts';
import type { Bucket } from '../../../src/sources/s3/bucket.ts';
import { s3Open } from '../../../src/sources/s3/open.ts';
import { s3SourceOptions } from '../../../src/sources/s3/options.ts';
import { FULL } from '../../full.ts';
import { authorizationOf } from './sigv4.ts';

interface Sent {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const SECRET = 'a-key-that-opens-nothing';
const before = { ...process.env };
const never = new AbortController().signal;
beforeEach(() => {
  process.env = { ...before, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: SECRET };
  delete process.env['AWS_SESSION_TOKEN'];
});
afterEach(() => {
  process.env = before;
});

const isDirect = ({ headers }: Sent): boolean => headers['amz-sdk-invocation-id'] === undefined;
const refOf = (key: string, version = 'v1'): ObjectRef => ({
  uri: `s3://b/${key}`,
  key,
  version,
  size: 4,
  modified: 0,
});
const whole: Answer = { status: 200, headers: { etag: '"v1"', 'content-length': '4' }, body: 'body' };

/** A bucket whose requests come here instead of to a server. */
function bucketOf(
  options: Record<string, unknown>,
  answer: (sent: Sent) => Answer = () => ({ status: 404 }),
) {
  const parsed = s3SourceOptions.parse({ region: 'eu-west-1', start: 'beginning', ...options });
  const client = createS3Client(parsed);
  const sent: Sent[] = [];
  const reply = (request: Sent) => {
    sent.push(request);
    const { status, headers = {}, body = '' } = answer(request);
    return { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) };
  };
  Object.assign(client.config.requestHandler, {
    handle: async (request: Sent) => ({ response: reply(request) }),
    get: async ({ path: pathAndQuery, ...request }: GetRequest) => {
      const [path = '', search] = pathAndQuery.split('?');
      const query = Object.fromEntries(new URLSearchParams(search));
      const { body, statusCode, headers } = reply({ method: 'GET', query, path, ...request });
      return Object.assign(body, { statusCode, rawHeaders: Object.entries(headers).flat() });
    },
  });
  const counts: Record<string, number> = {};
  const quiet = (): void => undefined;
  const bucket: Bucket = {
    client,
    name: parsed.bucket,
    requestPayer: parsed.request_payer,
    context: {
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      meter: { add: (name, by = 1) => void (counts[name] = (counts[name] ?? 0) + by) },
      retry: { initialMs: 1, maxMs: 1, maxElapsedMs: 0 },
      abort: never,
    },
  };
  return { client, sent, counts, open: s3Open(bucket) };
}

describe('a direct GET', () => {
  const KEYS = [
    'plain.json',
    'detections/2026/11/27/a.json',
    ' a b+c%20.json',
    '100%',
    '%zz%2F',
    'x\ry\n\t\u0001',
    '/lead',
    'q//r',
    'd/../e',
    './k/./l',
    '..',
    'folder/',
    'zürich/日本/😀.json',
    'q\'&(x)=1;~*!$@:,?#[]|\\^`{}<>".json',
    'é'.repeat(512),
  ];
  const PLACES: Record<string, { options: object; env?: Record<string, string> }> = {
    'a host of its own': { options: { bucket: 'bkt' } },
    'a path': { options: { bucket: 'b', force_path_style: true, endpoint: 'http://127.0.0.1:7070' } },
    'a path below another': {
      options: { bucket: 'b', force_path_style: true, endpoint: 'https://s3.example.com/store' },
    },
    'a host of its own at another endpoint': {
      options: { bucket: 'bkt', endpoint: 'https://objects.example.com:8443' },
    },
    'a name with dots': { options: { bucket: 'my.bucket.example' } },
    'another partition': { options: { bucket: 'bkt', region: 'cn-north-1' } },
    'a FIPS endpoint': {
      options: { bucket: 'bkt', region: 'us-gov-west-1' },
      env: { AWS_USE_FIPS_ENDPOINT: 'true' },
    },
    'a dual-stack endpoint': { options: { bucket: 'bkt' }, env: { AWS_USE_DUALSTACK_ENDPOINT: 'true' } },
    'an access point': { options: { bucket: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/mine' } },
    'an access point in another region': {
      options: { bucket: 'arn:aws:s3:us-west-2:123456789012:accesspoint/mine' },
      env: { AWS_S3_USE_ARN_REGION: 'true' },
    },
    'a session token': { options: { bucket: 'bkt' }, env: { AWS_SESSION_TOKEN: 'a-session' } },
    'requests that the reader pays for': { options: { bucket: 'bkt', request_payer: 'requester' } },
  };

  it.each(Object.entries(PLACES))(
    'is the request that the SDK sends, to %s',
    async (place, { options, env }) => {
      Object.assign(process.env, env);
      const { sent, open } = bucketOf({ ...options });
      // Host and key are independent; only the full suite tries all combinations.
      for (const key of FULL || place === 'a path' ? KEYS : KEYS.slice(0, 3))
        for (const start of [0, 2]) {
          sent.length = 0;
          await open(refOf(key), start, never).catch(() => undefined);
          const [direct, sdk] = sent;
          if (direct === undefined || sdk === undefined || !isDirect(direct)) {
            throw new Error(`${key}: not asked for directly and then through the SDK`);
          }
          expect(essence(direct)).toEqual(essence(sdk));
          for (const one of [direct, sdk])
            expect(one.headers['authorization']).toBe(authorizationOf(one, SECRET));
        }
    },
  );
});

describe('when a direct GET fails', () => {
  const by = (sent: readonly Sent[]): string => sent.map((one) => (isDirect(one) ? 'd' : 's')).join('');
  const read = async (opened: Promise<AsyncIterable<Uint8Array>>): Promise<string> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of await opened) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  const OTHERS: Record<string, Answer> = {
    'is refused': { status: 403 },
    'is somewhere else': { status: 301, headers: { location: 'https://elsewhere.example' } },
    'is refused for its condition': { status: 412 },
    'is another version': { ...whole, headers: { etag: '"v2"', 'content-length': '4' } },
    'has no ETag': { ...whole, headers: { 'content-length': '4' } },
    'fails because the server is busy': { status: 503, headers: { 'retry-after': '1' } },
  };
  it.each(Object.entries(OTHERS))('because it %s, the SDK is used', async (_, other) => {
    const { sent, open, counts } = bucketOf({ bucket: 'bkt' }, (one) => (isDirect(one) ? other : whole));
    expect(await read(open(refOf('a'), 0, never))).toBe('body');
    // The SDK succeeded where the direct GET did not: for a while it is used for everything.
    expect(await read(open(refOf('b'), 0, never))).toBe('body');
    expect([by(sent), counts.s3_get]).toEqual(['dss', 3]);
  });

  it('the SDK is used only once if it does no better', async () => {
    const { sent, open } = bucketOf({ bucket: 'bkt' }, ({ path }) =>
      path === '/gone' ? { status: 404 } : path === '/new' ? { ...whole, headers: { etag: '"v2"' } } : whole,
    );
    await expect(open(refOf('gone'), 0, never)).rejects.toThrow('gone');
    await expect(open(refOf('new'), 0, never)).rejects.toThrow('new');
    await read(open(refOf('good'), 0, never));
    expect(by(sent)).toBe('dsdsd');
  });

  it('because of a broken connection, the SDK is used on retry', async () => {
    let broken = true;
    const { sent, open } = bucketOf({ bucket: 'bkt' }, () => {
      if (broken) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      return whole;
    });
    const ref = refOf('a');
    await expect(open(ref, 0, never)).rejects.toThrow(/^get s3:\/\/b\/a: .*ECONNRESET/);
    broken = false;
    await read(open(ref, 0, never));
    await read(open(refOf('b'), 0, never));
    // It succeeded where the direct GET did not: for a while it is used for everything.
    expect(by(sent)).toBe('dss');
  });

  it('it is not tried if the version is unknown or cannot be a condition', async () => {
    const { sent, open } = bucketOf({ bucket: 'bkt' }, () => whole);
    await read(open(refOf('a', ''), 0, never));
    await read(open({ ...refOf('b'), unconditional: true }, 0, never));
    expect(by(sent)).toBe('ss');
  });

  it.each([
    'bucket--use1-az4--x-s3',
    'arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/mine',
    'arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-01234567890123456/accesspoint/mine',
    'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap',
  ])('%s is left to the SDK, which signs differently', async (bucket) => {
    const session =
      '<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey>' +
      '<AccessKeyId>a</AccessKeyId><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>';
    const { sent, open } = bucketOf({ bucket }, ({ query = {} }) =>
      'session' in query ? { status: 200, body: session } : whole,
    );
    await read(open(refOf('a'), 0, never)).catch(() => undefined);
    expect(by(sent)).not.toContain('d');
  });

  it('for lack of credentials, the error comes once, in the words of the SDK', async () => {
    const { client, open, sent } = bucketOf({ bucket: 'bkt' });
    client.config.credentials = async () => {
      throw Object.assign(new Error('no credentials here'), { name: 'CredentialsProviderError' });
    };
    await expect(open(refOf('a'), 0, never)).rejects.toThrow(/no usable credentials were found/);
    expect(sent).toEqual([]);
  });

  it("requests are signed with the current credentials and the server's clock", async () => {
    let secret = SECRET;
    let token = 'first';
    const { client, open, sent } = bucketOf({ bucket: 'bkt' }, () => whole);
    client.config.credentials = async () => ({
      accessKeyId: 'AKID',
      secretAccessKey: secret,
      sessionToken: token,
      // So soon that the SDK fetches new ones each time.
      expiration: new Date(Date.now() + 1_000),
    });
    await read(open(refOf('a'), 0, never));
    [secret, token] = ['another-key', 'second'];
    client.config.systemClockOffset = 86_400_000;
    await read(open(refOf('b'), 0, never));
    expect(by(sent)).toBe('dd');
    expect(sent.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['first', 'second']);
    const [first, second] = sent.map((one) => ({ ...one, headers: one.headers }));
    if (first === undefined || second === undefined) throw new Error('two were sent');
    expect(first.headers['authorization']).toBe(authorizationOf(first, SECRET));
    expect(second.headers['authorization']).toBe(authorizationOf(second, 'another-key'));
    const day = ({ headers }: Sent): number => Number(headers['x-amz-date']?.slice(0, 8));
    expect(day(second)).toBeGreaterThan(day(first));
  });

  it('because the clock is wrong, the SDK is used, and later requests are signed with the right time', async () => {
    const now = Date.now() + 3 * 3_600_000;
    const { client, open, sent } = bucketOf({ bucket: 'bkt' }, ({ headers }) => {
      const at = headers['x-amz-date'] ?? '';
      const iso = at.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:');
      if (Math.abs(Date.parse(iso) - now) < 60_000) return whole;
      const body = '<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>';
      return { status: 403, headers: { date: new Date(now).toUTCString() }, body };
    });
    const ref = refOf('a');
    await expect(open(ref, 0, never)).rejects.toThrow(/correct the clock/);
    expect(client.config.systemClockOffset).toBeGreaterThan(10_000_000);
    await read(open(ref, 0, never));
    await read(open(refOf('b'), 0, never));
    expect(by(sent)).toBe('dssd');
  });
});

/** A request without the parts that always differ. */
function essence({ headers, ...request }: Sent) {
  const same = Object.entries(headers).filter(
    ([name]) => !/^(?:amz-sdk-.*|authorization|x-amz-date)$/.test(name),
  );
  const { method, protocol, hostname, port, path, query } = request as Sent;
  return { method, protocol, hostname, port, path, query, headers: Object.fromEntries(same) };
}
