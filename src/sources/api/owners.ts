import type { RetryPolicy } from '../../contracts/component.ts';
import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';
import { BrokenListError } from '../../io/paging.ts';
import type { ApiClient } from '../../stepsecurity/client.ts';
import type { ApiOptions } from './options.ts';

/**
 * The organizations to read: those in the configuration, else those of the tenant. Throws `ConfigError` if the tenant
 * has none, `BrokenListError` if the answer contains only some of them, otherwise as the client does.
 */
export async function ownersOf(
  options: ApiOptions,
  client: ApiClient,
  how: { readonly signal: AbortSignal; readonly policy: RetryPolicy },
): Promise<string[]> {
  if (options.customer === undefined) return [...new Set(options.owners)];
  const path = `/${encodeURIComponent(options.customer)}/github/organizations`;
  const owners = await client.get(path, {}, organizations, how);
  if (owners.length === 0)
    throw new ConfigError(`customer: no GitHub organization found for ${options.customer}`);
  return owners;
}

/** A bare array according to the OpenAPI file; the vendor's own scripts also look inside `data` and `organizations`. */
function organizations(json: unknown): string[] {
  // Not a paged list according to the vendor. Should it become one, part of it must not pass for the whole.
  for (const layer of [json, isObject(json) ? json.data : undefined]) {
    if (isObject(layer) && (layer.has_more === true || layer.next_token))
      throw new BrokenListError(
        'the list continues on further pages, which this version cannot follow; give `owners`',
      );
  }
  const list = [json, ...(isObject(json) ? [json.data, json.organizations] : [])].find(Array.isArray);
  if (list === undefined) {
    if (json === null) return [];
    throw new RetryableError('an answer that is not a list of organizations');
  }
  const names = list.filter(isObject).map((entry) => entry.owner || entry.organization);
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))];
}
