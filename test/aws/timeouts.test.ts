import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createS3Client, sendGetOf } from '../../src/aws/client.ts';
import { awsError } from '../../src/aws/errors.ts';
import { UnavailableError } from '../../src/contracts/errors.ts';
import { retry } from '../../src/io/retry.ts';
import { readBody } from '../../src/objects/body.ts';
import { createSqsClient } from '../../src/sources/sqs/queue.ts';
import { SILENCES, type Silence, type SilentServer, silentServer } from './silent-server.ts';

const LONG = { connectMs: 60_000, replyMs: 60_000, idleMs: 60_000 };
const SHORT = { connectMs: 200, replyMs: 200, idleMs: 300 };
const before = { ...process.env };
let server: SilentServer;
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
afterEach(async () => {
  process.env = { ...before, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  await server.close();
});

const never = new AbortController().signal;
/** Keeps trying until there were two requests, however long that takes on this machine. */
const policy = {
  initialMs: 1,
  maxMs: 5,
  get maxElapsedMs() {
    return server.requests > 1 ? 0 : 60_000;
  },
};
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const meter = { add() {} };
const connection = (more: object = {}) => ({
  endpoint: server.url,
  region: 'us-east-1',
  force_path_style: true,
  request_timeout: 60_000,
  ...more,
});

const list = (client: S3Client, abortSignal: AbortSignal) =>
  client.send(new ListObjectsV2Command({ Bucket: 'b' }), { abortSignal });

type Call = (signal: AbortSignal) => Promise<unknown>;
const CALLS: Record<string, (options: Parameters<typeof createS3Client>[1]) => Call> = {
  'a listing of S3': (options) => {
    const client = createS3Client(connection(), options);
    return (signal) => list(client, signal);
  },
  'a GET that bypasses the SDK': (options) => {
    const get = sendGetOf(createS3Client(connection(), options));
    const { protocol, hostname, port } = new URL(server.url);
    return async (signal) => {
      const reply = await get({ protocol, hostname, port: Number(port), path: '/b/k', headers: {} }, signal);
      // The reader of a body closes it on abort.
      signal.addEventListener('abort', () => reply.destroy(new Error('aborted')));
      for await (const _ of reply);
    };
  },
  'a queue': (options) => {
    const client = createSqsClient(connection(), `${server.url}/1/queue`, options);
    return (abortSignal) =>
      client.send(new ReceiveMessageCommand({ QueueUrl: `${server.url}/1/queue` }), { abortSignal });
  },
  'STS, for a role': (options) => {
    process.env['AWS_ENDPOINT_URL_STS'] = server.url;
    const client = createS3Client(connection({ assume_role: { arn: ROLE, session_name: 'test' } }), options);
    return (signal) => list(client, signal);
  },
  'STS, for the web identity of a pod': (options) => {
    process.env['AWS_ENDPOINT_URL_STS'] = server.url;
    process.env['AWS_ROLE_ARN'] = ROLE;
    process.env['AWS_WEB_IDENTITY_TOKEN_FILE'] = tokenFile;
    delete process.env['AWS_ACCESS_KEY_ID'];
    const client = createS3Client(connection(), options);
    return (signal) => list(client, signal);
  },
};

const ROLE = 'arn:aws:iam::123456789012:role/r';
let tokenFile: string;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'timeouts-'));
  tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'e30.e30.e30');
});
afterAll(() => rm(dirname(tokenFile), { recursive: true, force: true }));

describe.each(SILENCES)('a server that %s', (silence: Silence) => {
  it.each(Object.keys(CALLS))('%s: times out, then is unavailable, with a clear message', async (name) => {
    server = await silentServer(silence, 100);
    const call = CALLS[name]?.({ timeouts: SHORT });
    const attempt = () =>
      call?.(never).catch((error: unknown) => {
        throw awsError(error, name);
      }) ?? Promise.reject();
    const ended = retry(attempt, { policy, signal: never, what: name });
    await expect(ended).rejects.toThrow(UnavailableError);
    await expect(ended).rejects.toThrow(/no (?:complete )?answer in time|time/i);
    expect(server.requests).toBeGreaterThan(1);
  });

  it('the body of an object: is opened again, then is unavailable, with a clear message', async () => {
    server = await silentServer(silence, 100);
    const client = createS3Client(connection(), { timeouts: SHORT });
    const ref = { uri: 's3://b/k', key: 'k', version: 'v', size: 100_000, modified: 0 };
    const open = async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })).catch((error) => {
        throw awsError(error, 'get');
      });
      return Body as unknown as AsyncIterable<Uint8Array>;
    };
    const read = async () => {
      let bytes = 0;
      // The second request follows immediately, before any time is counted.
      const brief = { ...policy, maxElapsedMs: 500 };
      for await (const piece of readBody(ref, 0, { open, retry: brief, log: quiet, meter }, never))
        bytes += piece.length;
      return bytes;
    };
    await expect(read()).rejects.toThrow(UnavailableError);
    expect(server.requests).toBeGreaterThan(1);
  });

  it.each(Object.keys(CALLS))('%s: ends immediately when it is aborted', async (name) => {
    server = await silentServer(silence, 100);
    const abort = new AbortController();
    const asked = new Promise<void>((resolve) => {
      server.asked = resolve;
    });
    const call = CALLS[name]?.({ timeouts: LONG, signal: abort.signal });
    const ended = call?.(abort.signal).catch((error: unknown) => error);
    await asked;
    abort.abort(new Error('stopped'));
    expect(await ended).toBeInstanceOf(Error);
  });
});

describe('request_timeout', () => {
  const told = /no (?:complete )?answer in time|time/i;
  const receiveOf = (waitMs: number) => {
    const url = `${server.url}/1/queue`;
    const client = createSqsClient(connection({ request_timeout: 200 }), url, { waitMs });
    return (abortSignal: AbortSignal) =>
      client.send(new ReceiveMessageCommand({ QueueUrl: url }), { abortSignal });
  };

  it('limits how long to wait for a reply', async () => {
    server = await silentServer('says nothing', 100);
    await expect(list(createS3Client(connection({ request_timeout: 200 })), never)).rejects.toThrow(told);
    await expect(receiveOf(0)(never)).rejects.toThrow(told);
  });

  it('does not count the time a queue was asked to wait for a message', async () => {
    server = await silentServer('says nothing', 100);
    const leave = new AbortController();
    const waiting = receiveOf(60_000)(leave.signal).catch((error: unknown) => error);
    // This call starts at the same time and times out; the other is still waiting for the queue.
    await expect(receiveOf(0)(never)).rejects.toThrow(told);
    leave.abort();
    expect(String(await waiting)).toMatch(/abort/i);
  });
});
