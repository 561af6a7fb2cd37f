import { randomUUID } from 'node:crypto';
import { isRefusal } from '../aws/errors.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Finding } from '../contracts/types.ts';
import { ConflictError, type Store } from './store.ts';

/**
 * Tries a store with a blob under a unique name and removes it afterwards. The fencing check matters most: if a server
 * ignored conditional writes, two runs could overwrite each other's progress unnoticed.
 */
export async function* checkStore(open: () => Promise<Store>): AsyncIterable<Finding> {
  const blob = `doctor-${randomUUID()}`;
  let store: Store | undefined;
  try {
    store = await open();
    // Without permission to list, S3 answers 403 instead of 404, and a first run would stop there.
    await store.get(blob);
    const first = await store.put(blob, Buffer.from('one'), null);
    const found = await store.get(blob);
    if (found?.bytes.toString() !== 'one') {
      yield { check: 'state', status: 'failed', detail: `${store.name} does not return what was written` };
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
        detail: `${store.name} ignores conditional writes: two runs could overwrite each other`,
        fix: 'use a server that honors If-Match and If-None-Match on PUT, or `state: {type: file}`',
      };
  } catch (error) {
    const finding: Finding = { check: 'state', status: 'failed', detail: messageOf(error) };
    // The message of any other failure already contains the fix.
    if (isRefusal(error))
      yield {
        ...finding,
        fix: 'the run needs permission to get, put, list and delete in the location of the state',
      };
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
