import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../../src/contracts/errors.ts';
import { createS3Store } from '../../src/state/s3.ts';
import { s3StateSchema } from '../../src/state/s3-options.ts';
import { ConflictError, type Store } from '../../src/state/store.ts';
import { testContext } from './context.ts';
import { type ScriptedS3, scriptedS3 } from './scripted-s3.ts';

process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'testtest';

let server: ScriptedS3;
let store: Store;
const bytes = (text: string): Buffer => Buffer.from(text);

beforeEach(async () => {
  server = await scriptedS3();
  const options = { type: 's3', bucket: 'state', prefix: 'p', region: 'us-east-1', force_path_style: true };
  store = createS3Store(s3StateSchema.parse({ ...options, endpoint: server.endpoint }), testContext(1_000));
});
afterEach(() => server.close());

describe('a write to S3 that fails', () => {
  for (const expected of ['null', 'a version'])
    it(`recognizes its own write after a lost reply, expecting ${expected}`, async () => {
      const version = expected === 'null' ? null : await store.put('blob', bytes('old'), null);
      server.faults.push({ key: /blob/, fault: 'lose-reply' });
      const written = await store.put('blob', bytes('new'), version);
      expect(await store.get('blob')).toEqual({ bytes: bytes('new'), version: written });
      expect(server.faults).toEqual([]);
    });

  it('does not mistake another run’s write for its own after a lost request', async () => {
    const version = await store.put('blob', bytes('old'), null);
    server.faults.push({ key: /blob/, fault: 'lose-request' });
    const ours = store.put('blob', bytes('ours'), version);
    server.objects.set('p/blob', bytes('theirs'));
    await expect(ours).rejects.toBeInstanceOf(ConflictError);
    expect(server.objects.get('p/blob')).toEqual(bytes('theirs'));
  });

  it('does not mistake equal bytes from another run for its own when nothing was lost', async () => {
    server.objects.set('p/blob', bytes('same'));
    await expect(store.put('blob', bytes('same'), null)).rejects.toBeInstanceOf(ConflictError);
  });

  it.each([
    { status: 409, code: 'ConditionalRequestConflict' },
    { status: 503, code: 'SlowDown' },
    { status: 500, code: 'InternalError' },
    'lose-request' as const,
  ])('retries after %j', async (fault) => {
    server.faults.push({ key: /blob/, fault }, { key: /blob/, fault });
    await store.put('blob', bytes('x'), null);
    expect(server.requests).toEqual(['PUT /state/p/blob', 'PUT /state/p/blob', 'PUT /state/p/blob']);
  });

  it.each([
    [403, 'AccessDenied'],
    [403, 'SignatureDoesNotMatch'],
    [404, 'NoSuchBucket'],
    [501, 'NotImplemented'],
  ])('stops immediately at %d %s, and names the call', async (status, code) => {
    server.faults.push({ key: /blob/, fault: { status, code } });
    const put = store.put('blob', bytes('x'), null);
    await expect(put).rejects.toMatchObject({ name: 'ConfigError' });
    await expect(put).rejects.toThrow(new RegExp(`put s3://state/p/blob: ${code}`));
    expect(server.requests).toHaveLength(1);
  });

  it('reports unavailable when the outage lasts', async () => {
    await server.close();
    await expect(store.put('blob', bytes('x'))).rejects.toBeInstanceOf(UnavailableError);
  });
});

describe('a listing that breaks off', () => {
  it.each([
    ['more without a token', '<IsTruncated>true</IsTruncated>'],
    ['an empty token', '<IsTruncated>true</IsTruncated><NextContinuationToken/>'],
    ['the same token', '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'],
    ['no end marker', ''],
  ])('(%s) is not a complete list', async (_, turn) => {
    server.objects.set('p/letters/a', bytes('1'));
    server.turn = () => turn;
    const list = async (): Promise<void> => {
      for await (const name of store.list('letters/')) expect(name).toBe('letters/a');
    };
    await expect(list()).rejects.toThrow(UnavailableError);
    await expect(list()).rejects.toThrow('does not give the whole list');
  });
});
