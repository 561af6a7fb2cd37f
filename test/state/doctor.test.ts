import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ConfigError } from '../../src/contracts/errors.ts';
import type { Finding } from '../../src/contracts/types.ts';
import { checkStore } from '../../src/state/doctor.ts';
import { examineStore, openStore } from '../../src/state/index.ts';
import type { Store, Stored } from '../../src/state/store.ts';
import { testContext } from './context.ts';

/** A store that overwrites whatever version is expected, like servers without conditional writes. */
function careless(): Store & { readonly blobs: Map<string, Stored> } {
  const blobs = new Map<string, Stored>();
  return {
    name: 's3://careless/state',
    blobs,
    get: async (name) => blobs.get(name),
    put: async (name, bytes) => {
      blobs.set(name, { bytes, version: bytes.toString() });
      return bytes.toString();
    },
    remove: async (name) => {
      blobs.delete(name);
    },
    async *list() {},
    age: async () => 0,
  };
}

const findings = async (open: () => Promise<Store>) => {
  const found = [];
  for await (const finding of checkStore(open)) found.push(finding);
  return found;
};

it('finds a server that ignores conditional writes, and leaves nothing on it', async () => {
  const store = careless();
  const found = await findings(async () => store);
  expect(found.map(({ check, status }) => [check, status])).toEqual([
    ['state', 'ok'],
    ['state fencing', 'failed'],
  ]);
  expect(found[1]?.fix).toContain('If-None-Match');
  expect(store.blobs.size).toBe(0);
});

it('reports a store that cannot be opened, in the words of its error', async () => {
  const found = await findings(() => Promise.reject(new ConfigError('state folder /x: EACCES')));
  expect(found).toMatchObject([{ status: 'failed', detail: 'state folder /x: EACCES' }]);
});

it('finds that a missing blob is refused instead of absent', async () => {
  const store: Store = { ...careless(), get: () => Promise.reject(new ConfigError('AccessDenied')) };
  expect(await findings(async () => store)).toMatchObject([{ status: 'failed', detail: 'AccessDenied' }]);
});

it('leaves no folder that was not there before, and every one that was', async () => {
  const root = await mkdtemp(join(tmpdir(), 'doctor-'));
  try {
    const examined = async (path: string): Promise<unknown[]> => {
      const found = [];
      const options = { type: 'file', path } as const;
      const context = testContext();
      const further = async function* (): AsyncGenerator<Finding> {
        await openStore(options, context);
        yield { check: 'more', status: 'ok', detail: '' };
      };
      for await (const { status } of examineStore(options, context, further)) found.push(status);
      return found;
    };
    expect(await examined(join(root, 'deep', 'state'))).toEqual(['ok', 'ok', 'ok']);
    expect(await readdir(root)).toEqual([]);
    await mkdir(join(root, 'state'));
    expect(await examined(join(root, 'state'))).toEqual(['ok', 'ok', 'ok']);
    expect(await readdir(root)).toEqual(['state']);
  } finally {
    await rm(root, { recursive: true });
  }
});
