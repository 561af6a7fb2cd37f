import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { text } from './artefacts.ts';
import { credentials, execStart } from './systemd.ts';

const UNIT = 'stepsecurity-siem-alert@.service';
const FAILED = 'stepsecurity-siem.service';

it('is what the service starts when it fails', () => {
  expect(text(`cron/${FAILED}`)).toMatch(/^OnFailure=stepsecurity-siem-alert@%n\.service$/m);
});

it('posts one sentence that says what failed, where and how', async () => {
  const seen: { url: string | undefined; type: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      seen.push({ url: request.url, type: request.headers['content-type'], body });
      response.end('ok');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = mkdtempSync(join(tmpdir(), 'alert-unit-'));
  try {
    const { port } = server.address() as AddressInfo;
    const [credential] = credentials(UNIT);
    writeFileSync(join(folder, credential?.name ?? ''), `url = "http://127.0.0.1:${port}/hook"\n`);
    const [file = '', ...args] = execStart(
      UNIT,
      { CREDENTIALS_DIRECTORY: folder, MONITOR_SERVICE_RESULT: 'exit-code', MONITOR_EXIT_STATUS: '2' },
      { i: FAILED, H: 'host-1' },
    );
    await promisify(execFile)(file, args, { env: {} });
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ url: '/hook', type: 'application/json' });
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    text: `${FAILED} on host-1 failed: exit-code 2. See journalctl --unit ${FAILED}`,
  });
});
