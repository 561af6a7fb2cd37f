import { messageOf } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
import { placeOf } from './listing.ts';
import type { FileSourceOptions } from './options.ts';

export async function* checkFiles({ path }: FileSourceOptions): AsyncGenerator<Finding, void, undefined> {
  if (path === '-') {
    yield { check: 'source', status: 'ok', detail: 'reads standard input' };
    return;
  }
  try {
    yield { check: 'source', status: 'ok', detail: `${path} is a ${await placeOf(path)}` };
  } catch (error) {
    const detail = messageOf(error);
    yield {
      check: 'source',
      status: 'failed',
      detail,
      fix: 'name an existing file, folder or glob in source.path',
    };
  }
}
