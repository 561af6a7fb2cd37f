import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { type ObjectRef, ObjectUnreadableError } from '../../../src/objects/object.ts';
import { createPatience } from '../../../src/sources/s3/patience.ts';

const ref = (key: string): ObjectRef => ({
  uri: `s3://b/${key}`,
  key,
  version: 'v',
  size: 200_000,
  modified: 0,
});

/** Opens `slow` at each of these bytes, and lets its body stall. */
async function stallAt(starts: readonly number[], othersComeWhole = true): Promise<unknown> {
  const patience = createPatience(async () => othersComeWhole);
  const good = Readable.from([Buffer.alloc(10)]);
  patience.opened(ref('good'), 0, good);
  good.resume();
  await turn();
  const slow = ref('slow');
  for (const start of starts) {
    const error: unknown = await patience.check(slow, start).catch((thrown: unknown) => thrown);
    if (error !== undefined) return error;
    const body = new Readable({ read: () => undefined }).on('error', () => undefined);
    patience.opened(slow, start, body);
    body.destroy(Object.assign(new Error('stalled'), { code: 'REPLY_TIMEOUT' }));
    await turn();
  }
  return undefined;
}

it('gives up an object whose body hardly arrives while others arrive complete', async () => {
  expect(await stallAt([0, 10, 20, 30])).toBeInstanceOf(ObjectUnreadableError);
});

it('waits for one that still arrives, and for all if none arrives complete', async () => {
  const KIB_64 = 65_536;
  expect(await stallAt([0, KIB_64, 2 * KIB_64, 3 * KIB_64])).toBeUndefined();
  expect(await stallAt([0, 10, 20, 30], false)).toBeUndefined();
});
