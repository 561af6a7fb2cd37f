import type { Finding } from '../../contracts/types.ts';
import type { NdjsonOptions } from './options.ts';
import { prepare } from './place.ts';

/** Creates the folder, as the sink would. */
export async function* checkNdjson({ path }: NdjsonOptions): AsyncGenerator<Finding, void, undefined> {
  if (path === '-') {
    yield { check: 'sink', status: 'ok', detail: 'writes to standard output' };
    return;
  }
  try {
    await prepare(path);
    yield { check: 'sink', status: 'ok', detail: `writes to ${path}` };
  } catch (error) {
    yield {
      check: 'sink',
      status: 'failed',
      detail: (error as Error).message,
      fix: 'make the folder writable, or choose another path',
    };
  }
}
