import { RetryableError, UnavailableError } from '../../contracts/errors.ts';
import { diskError } from '../../io/disk.ts';

let watched = false;

/** From the first write on, what goes wrong with standard output is this sink's to tell. */
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

/** Nobody knows how much was taken: it is not tried again. */
function stdoutError(error: Error): unknown {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE')
    return new UnavailableError('standard output was closed by its reader', { cause: error });
  const meaning = diskError(error, 'write to standard output');
  if (meaning instanceof RetryableError) return new UnavailableError(meaning.message, { cause: error });
  return meaning;
}
