import type { Finding } from '../../contracts/types.ts';
import { loadMappings } from '../../mapping/load.ts';

/** Which mappings count: those of the package, and what the operator's own folder adds to them or replaces. */
export function* checkMappings(path: string | undefined): Generator<Finding> {
  const { kinds, own } = loadMappings(path);
  const from = path === undefined ? '' : `, with ${own.length} of ${path}`;
  yield { check: 'mappings', status: 'ok', detail: `${kinds.length} kinds are known${from}` };
  for (const file of own) {
    const verb = file.replaces ? 'replaces the one of the package' : 'is added';
    yield { check: 'mappings', status: 'ok', detail: `${file.name} of ${path} ${verb}` };
  }
}
