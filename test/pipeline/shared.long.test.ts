import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFileStore } from '../../src/state/file.ts';
import { acquireLease } from '../../src/state/lease.ts';
import { detection } from '../bench/generate.ts';
import { commandLine } from '../command-line.ts';
import { type ScriptedS3, scriptedS3 } from '../scripted/s3.ts';
import { type ScriptedSqs, scriptedSqs } from '../scripted/sqs.ts';
import { ledgerOf, runCli } from '../services/process.ts';
import { notification } from '../sources/sqs/events.ts';
import { testContext } from '../state/context.ts';
import { uidOfPayload } from '../uid.ts';

const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

describe('a shared source', () => {
  let s3: ScriptedS3;
  let sqs: ScriptedSqs;
  beforeAll(async () => {
    s3 = await scriptedS3();
    sqs = await scriptedSqs();
  });
  afterAll(async () => {
    await s3.close();
    await sqs.close();
  });

  function configIn(folder: string, name: string, more: string): string {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(
      path,
      `source: { type: s3, bucket: scripted, endpoint: '${s3.url}', force_path_style: true, queue_url: '${sqs.url}', queue_wait: 2s }
sink: { type: ndjson, path: ${folder}/${name}.ndjson }
log: { level: warn }
${more}`,
    );
    return path;
  }

  it('has to be told where to keep dead letters when there is no state', async () => {
    const config = configIn(mkdtempSync(join(tmpdir(), 'shared-')), 'bare', '');
    const { code, err } = await commandLine(['run', '--config', config], { env });
    expect(err).toContain('dead_letters.store: required');
    expect(code).toBe(2);
    expect(sqs.requests).toEqual([]);
  });

  it('is replayed while its runs go on, by one replay at a time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shared-'));
    const store = `dead_letters: { store: { type: file, path: ${folder}/letters } }`;
    const config = configIn(folder, 'replayed', store);
    const letters = await createFileStore({ type: 'file', path: join(folder, 'letters') }, testContext());
    const lease = await acquireLease(
      letters,
      'resend',
      { ttlMs: 60_000, renewMs: 20_000, log: testContext().log },
      () => undefined,
    );
    const replay = () => commandLine(['dead-letters', 'replay', '--config', config], { env });
    expect((await replay()).code).toBe(5);
    await lease.release();
    expect((await replay()).code).toBe(0);
    expect(existsSync(join(folder, 'stepsecurity-siem-state'))).toBe(false);
  });

  it('is read by any number of runs together, without lease and checkpoint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shared-'));
    const uids: string[] = [];
    for (let at = 0; at < 60; at += 1) {
      const one = detection(5, at);
      uids.push(uidOfPayload(one));
      const { key, etag, body } = s3.put(`k${at}`, JSON.stringify(one));
      sqs.send(notification({ key, etag, size: body.length }));
    }
    // One state for both: a lease would keep the second out.
    const state = `state: { type: file, path: ${folder}/state }`;
    const runs = await Promise.all(
      ['a', 'b'].map((name) => runCli(['run', '--config', configIn(folder, name, state)], { env })),
    );
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    const ledgers = runs.map(ledgerOf);
    expect(ledgers.reduce((sum, { read = 0 }) => sum + read, 0)).toBe(60);
    for (const ledger of ledgers) expect(ledger).not.toHaveProperty('checkpoint');
    expect(existsSync(join(folder, 'state', 'run'))).toBe(false);
    expect(sqs.messages.size).toBe(0);
    const written = ['a', 'b'].flatMap((name) => {
      const file = join(folder, `${name}.ndjson`);
      return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    });
    expect(written.map((line) => JSON.parse(line).event.id as string).sort()).toEqual(uids.sort());
  });
});
