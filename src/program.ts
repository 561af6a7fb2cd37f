import { hideBin } from 'yargs/helpers';
import { describeError, exitCodeOf } from './account/exit.ts';
import { runCommandLine } from './commands/index.ts';
import { keepHeapSmall } from './heap.ts';
import { finalDiskError } from './io/disk.ts';
import { createLog } from './session/log.ts';

keepHeapSmall();

// Certificates are always verified. Node reads the variable for each connection and prints its own warning.
if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  createLog('warn').warn(
    { variable: 'NODE_TLS_REJECT_UNAUTHORIZED' },
    'certificates are verified anyway; set ca_file to your own authority, and unset the variable',
  );
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A sink that writes there reports the error itself.
  if (process.stdout.listenerCount('error') > 1) return;
  // The reader has stopped (`| head`). The command still runs to its end: it may hold a lease, and its exit code
  // counts.
  if (error.code === 'EPIPE') return;
  const meaning = finalDiskError(error, 'write to standard output');
  process.stderr.write(`${describeError(meaning)}\n`);
  process.exit(exitCodeOf(meaning, 0));
});

await runCommandLine(hideBin(process.argv));

// Everything is done and printed. Do not wait for whatever still keeps the process alive, such as a pending DNS lookup.
setTimeout(() => process.exit(), 500).unref();
