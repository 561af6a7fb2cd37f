#!/usr/bin/env node
import { hideBin } from 'yargs/helpers';
import { describeError, exitCodeOf } from './account/exit.ts';
import { runCommandLine } from './commands/index.ts';
import { keepHeapSmall } from './heap.ts';
import { finalDiskError } from './io/disk.ts';
import { createLog } from './session/log.ts';

keepHeapSmall();

// Certificates are verified, always. Node reads the variable at each connection and prints a warning of its own.
if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  createLog('warn').warn(
    { variable: 'NODE_TLS_REJECT_UNAUTHORIZED' },
    'certificates are verified all the same; set ca_file for an authority of your own, and take the variable out',
  );
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A sink that writes there says itself what it means.
  if (process.stdout.listenerCount('error') > 1) return;
  // The reader has stopped (`| head`). The command still comes to its end: it may hold a lease, and its exit code counts.
  if (error.code === 'EPIPE') return;
  const meaning = finalDiskError(error, 'write to standard output');
  process.stderr.write(`${describeError(meaning)}\n`);
  process.exit(exitCodeOf(meaning, 0));
});

await runCommandLine(hideBin(process.argv));

// All is done and said. What still holds the process up, such as a host name that no resolver answers for, is not waited for.
setTimeout(() => process.exit(), 500).unref();
