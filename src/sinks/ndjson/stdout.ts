import { RetryableError, UnavailableError } from '../../contracts/errors.ts';
import { diskError } from '../../io/disk.ts';

let watched = false;

/** From the first write on, this sink reports errors of standard output. */
export function print(lines: string): Promise<void> {
  if (!watched) process.stdout.on('error', () => undefined);
  watched = true;
  return new Promise((resolve, reject) => {
    process.stdout.write(lines, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(stdoutError(error));
    });
  });
}

/** There is no way to know how much was written, so it is not retried. */
function stdoutError(error: Error): unknown {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE')
    return new UnavailableError('standard output was closed by its reader', { cause: error });
  const meaning = diskError(error, 'write to standard output');
  if (meaning instanceof RetryableError) return new UnavailableError(meaning.message, { cause: error });
  return meaning;
}
