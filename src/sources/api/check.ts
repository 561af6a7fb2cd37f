import type { Context } from '../../contracts/component.ts';
import { messageOf } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/types.ts';
import { type ApiClient, RefusedError } from '../../stepsecurity/client.ts';
import { groupsOf } from './groups.ts';
import { pages } from './listing.ts';
import type { ApiOptions } from './options.ts';
import { ownersOf } from './owners.ts';

const OWNERS_TRIED = 10;

/** Three questions: is the key accepted, which organizations can it see, and does each list return a page. */
export async function* checkApi(
  options: ApiOptions,
  context: Context,
  client: ApiClient,
): AsyncGenerator<Finding> {
  const policy = { ...context.retry, maxElapsedMs: Math.min(context.retry.maxElapsedMs, 5_000) };
  const signal = context.abort;
  let owners: string[] = [];
  try {
    owners = await ownersOf(options, client, { signal, policy });
    yield {
      check: 'api owners',
      status: 'ok',
      detail: `${owners.length}: ${owners.slice(0, 10).join(', ')}`,
    };
  } catch (error) {
    signal.throwIfAborted();
    const fix =
      '`customer` needs a tenant key and the name of the tenant; with an organization key, use `owners`.';
    yield failure('api owners', error, fix);
    if (!options.tenant_wide) return;
  }
  const tried = new Set<string>();
  for (const group of groupsOf(options, owners.slice(0, OWNERS_TRIED))) {
    const listing = group.listings[0];
    if (listing === undefined || tried.has(listing.path)) continue;
    tried.add(listing.path);
    const check = `api ${listing.path}`;
    try {
      const iterator = pages(listing, { client, pageSize: 1, signal, policy: () => policy });
      await iterator.next();
      await iterator.return(undefined);
      yield { check, status: 'ok', detail: 'returns a page' };
    } catch (error) {
      signal.throwIfAborted();
      yield failure(check, error, fixOf(listing.path));
    }
  }
}

/** `fix` is for refusals by the API; the message of any other failure already contains the fix. */
function failure(check: string, error: unknown, fix: string): Finding {
  const finding: Finding = { check, status: 'failed', detail: messageOf(error) };
  return error instanceof RefusedError ? { ...finding, fix } : finding;
}

function fixOf(path: string): string {
  if (path.includes('/customers/')) return 'Check `customer` and the key; or set `tenant_wide: false`.';
  if (path.endsWith('run-policy-evaluations')) {
    return 'Check the key; or set `policy_evaluations: false` if workflow run policies are not in use.';
  }
  if (path.endsWith('threat-intel/incidents')) {
    return 'Check the key; or set `threat_intelligence: false` if the tenant has no threat intelligence.';
  }
  return 'Check the spelling of the owner, and that the key is valid for it.';
}
