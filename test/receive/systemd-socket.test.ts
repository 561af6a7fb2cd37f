import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { QUICK_START } from '../quick-start.ts';

/** `sh` sets LISTEN_PID to its own process id, which is the program's after `exec`, as systemd does. */
const AS_SYSTEMD = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"';

/** Node has no public name for it. */
function descriptorOf(server: Server): number {
  return (Reflect.get(server, '_handle') as { readonly fd: number }).fd;
}

it('a connection that waits in the socket of systemd is answered once the program has started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'receive-'));
  const secret = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'secret'), secret);
  const config = {
    source: { type: 'file', path: 'spool' },
    sink: { type: 'ndjson', path: 'out' },
    // The address that it would open itself cannot be opened.
    receive: { listen: '192.0.2.1:8080', status_listen: '127.0.0.1:0', secret_files: ['secret'] },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  const command = [process.execPath, ...QUICK_START, join(import.meta.dirname, '../../dist/cli.js')];
  const child = spawn('sh', ['-c', AS_SYSTEMD, 'sh', ...command, 'receive', '-c', 'config.yaml'], {
    cwd: folder,
    // This process inherits the socket to the program as descriptor 3, and keeps none: it takes no connection itself.
    stdio: ['ignore', 'ignore', 'ignore', descriptorOf(socket)],
  });
  socket.close();
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/webhook`, {
      method: 'POST',
      headers: { authorization: secret },
      body: '{"id":"Reverse-Shell"}',
      signal: AbortSignal.timeout(15_000),
    });
    expect([answer.status, await answer.text()]).toEqual([200, 'stored\n']);
  } finally {
    child.kill();
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
  expect(child.exitCode).toBe(0);
}, 30_000);
