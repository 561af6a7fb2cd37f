import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from '@jest/globals';
import { createS3Client } from '../../src/aws/client.ts';
import { LeaseError } from '../../src/contracts/errors.ts';
import type { Finding } from '../../src/contracts/types.ts';
import { openCheckpoint } from '../../src/state/checkpoint.ts';
import { readHead } from '../../src/state/head.ts';
import { examineStore, openStore, stateSchema } from '../../src/state/index.ts';
import { acquireLease } from '../../src/state/lease.ts';
import { type S3StateOptions, s3StateSchema } from '../../src/state/s3-options.ts';
import { storeContract } from '../contract/store.ts';
import { silent, testContext } from '../state/context.ts';
import { describeWith, need } from './require.ts';

// The SQS server speaks S3 as well: a second implementation of conditional writes.
for (const variable of ['S3_ENDPOINT', 'SQS_ENDPOINT'])
  describeWith([variable], `state in S3 at ${variable}`, () => {
    const options = (bucket: string): S3StateOptions =>
      s3StateSchema.parse({
        type: 's3',
        bucket,
        prefix: 'some/state/',
        endpoint: need(variable),
        region: 'us-east-1',
        force_path_style: true,
      });
    const bucket = `state-${randomUUID()}`;

    beforeAll(async () => {
      const client = createS3Client(options(bucket));
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      client.destroy();
    });

    // `Date` and `Last-Modified` are in whole seconds, and a server may prepare its `Date` once per second.
    storeContract('a bucket', () => openStore(options(bucket), testContext()), 2_000);

    it('lists past one page', async () => {
      const store = await openStore(options(bucket), testContext());
      const names = Array.from({ length: 1_005 }, (_, index) => `many/${String(index).padStart(5, '0')}`);
      for (let at = 0; at < names.length; at += 32)
        await Promise.all(names.slice(at, at + 32).map((name) => store.put(name, Buffer.from(name))));
      const found: string[] = [];
      for await (const name of store.list('many/')) found.push(name);
      expect(found).toEqual(names);
    });

    it('stops with a configuration error for a missing bucket', async () => {
      const store = await openStore(options(`absent-${randomUUID()}`), testContext());
      await expect(store.get('blob')).rejects.toThrow(/NoSuchBucket/);
      await expect(store.put('blob', Buffer.from(''))).rejects.toThrow(/NoSuchBucket/);
    });

    it('passes the doctor, which finds the missing bucket', async () => {
      const findings = async (name: string): Promise<Finding[]> => {
        const found: Finding[] = [];
        for await (const finding of examineStore(options(name), testContext())) found.push(finding);
        return found;
      };
      expect((await findings(bucket)).map(({ status }) => status)).toEqual(['ok', 'ok']);
      expect((await findings(`absent-${randomUUID()}`)).map(({ status }) => status)).toEqual(['failed']);
    });

    it('keeps a lease and a checkpoint, and fences off a run that slept', async () => {
      const open = () => openStore(options(bucket), testContext());
      const prints = { identity: 'event_id', source: 'a', sink: 'b' };
      const lost: LeaseError[] = [];
      const lease = (ttlMs: number) =>
        open().then((store) =>
          acquireLease(store, 'run', { ttlMs, renewMs: 60_000, log: silent }, (reason) => lost.push(reason)),
        );
      await lease(1_000);
      await expect(lease(60_000)).rejects.toBeInstanceOf(LeaseError);
      const stale = await openCheckpoint(await open(), 'run', prints, silent);
      await stale.save(new Map([['done/1', Buffer.from('one')]]), { read: 1 }, { clean: false });
      await sleep(4_000);
      expect(lost).toHaveLength(1);
      const second = await lease(60_000);
      const fresh = await openCheckpoint(await open(), 'run', prints, silent);
      expect(fresh.uncleanRuns).toBe(1);
      expect((await fresh.part('done/1'))?.toString()).toBe('one');
      const late = stale.save(new Map([['done/1', Buffer.from('late')]]), { read: 9 }, { clean: true });
      await expect(late).rejects.toBeInstanceOf(LeaseError);
      await fresh.save(new Map([['done/2', Buffer.from('two')]]), { read: 2 }, { clean: true });
      await second.release();
      const last = await openCheckpoint(await open(), 'run', prints, silent);
      expect([
        last.uncleanRuns,
        last.totals,
        Object.keys((await readHead(await open(), 'run'))?.head.parts ?? {}).sort(),
      ]).toEqual([0, { read: 2 }, ['done/1', 'done/2']]);
    });

    it('refuses options that are not its own', () => {
      expect(stateSchema.safeParse({ type: 's3', bucket: 'b-b', path: '/x' }).success).toBe(false);
      expect(stateSchema.safeParse({ type: 'file', path: '/x', bucket: 'b-b' }).success).toBe(false);
    });
  });
