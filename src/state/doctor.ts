import { randomUUID } from 'node:crypto';
import { isRefusal } from '../aws/errors.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Finding } from '../contracts/types.ts';
import { ConflictError, type Store } from './store.ts';

/**
 * Round trips through a store under a name nobody else has, removed afterwards. The one that matters most: a server
 * that ignores the conditions of a write would let two runs overwrite each other's progress unnoticed.
 */
export async function* checkStore(open: () => Promise<Store>): AsyncIterable<Finding> {
  const blob = `doctor-${randomUUID()}`;
  let store: Store | undefined;
  try {
    store = await open();
    // S3 says 403 instead of 404 to who may not list; a first run would stop there.
    await store.get(blob);
    const first = await store.put(blob, Buffer.from('one'), null);
    const found = await store.get(blob);
    if (found?.bytes.toString() !== 'one') {
      yield { check: 'state', status: 'failed', detail: `${store.name} does not give back what was written` };
      return;
    }
    yield { check: 'state', status: 'ok', detail: `${store.name} can be read and written` };
    const creates = await refuses(store.put(blob, Buffer.from('two'), null));
    await store.put(blob, Buffer.from('three'));
    const replaces = await refuses(store.put(blob, Buffer.from('four'), first));
    if (creates && replaces)
      yield { check: 'state fencing', status: 'ok', detail: 'stale writes are refused' };
    else
      yield {
        check: 'state fencing',
        status: 'failed',
        detail: `${store.name} ignores the conditions of a write: two runs could overwrite each other`,
        fix: 'use a server that honours If-Match and If-None-Match on PUT, or `state: {type: file}`',
      };
  } catch (error) {
    const finding: Finding = { check: 'state', status: 'failed', detail: messageOf(error) };
    // Any other failure says by itself how to mend it.
    if (isRefusal(error))
      yield { ...finding, fix: 'the run needs to get, put, list and delete below the state’s place' };
    else yield finding;
  } finally {
    await store?.remove(blob).catch(() => undefined);
  }
}

async function refuses(write: Promise<string>): Promise<boolean> {
  try {
    await write;
    return false;
  } catch (error) {
    if (error instanceof ConflictError) return true;
    throw error;
  }
}
