/** A receiver for the benchmark: `receive-server.js FOLDER GROUP_BYTES`. Prints its port, and at the end its CPU seconds. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routeOf } from '../../src/config/route.ts';
import { configSchema } from '../../src/config/schema.ts';
import { closeReceiver, openReceiver } from '../../src/receive/receiver.ts';
import { openFolder } from '../../src/receive/spool/folder.ts';
import { openSession } from '../../src/session/session.ts';

const [, , folder = '', groupBytes = ''] = process.argv;
const secretFile = join(folder, 'secret');
writeFileSync(secretFile, 'only-for-the-benchmark');
const path = join(folder, 'spool');
const config = configSchema.parse({
  source: { type: 'file', path },
  sink: { type: 'ndjson', path: join(folder, 'out') },
  receive: { listen: '127.0.0.1:0', status_listen: '127.0.0.1:0', secret_files: [secretFile] },
});
const options = config.receive;
if (options === undefined) throw new Error('no section receive');
const session = openSession(routeOf(config));
const spool = await openFolder(path, 2 ** 40);
const receiver = await openReceiver({ session, options, spool, groupBytes: Number(groupBytes) });
process.stdout.write(`${receiver.senders}\n`);
const before = process.cpuUsage();
session.signals.stop.addEventListener('abort', () => {
  const { user, system } = process.cpuUsage(before);
  void closeReceiver(receiver, session.signals.abort).then(() => {
    process.stdout.write(`${(user + system) / 1e6}\n`);
    process.exit();
  });
});
