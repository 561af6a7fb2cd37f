import type { RetryPolicy } from '../../contracts/component.ts';
import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';
import { BrokenListError } from '../../io/paging.ts';
import type { ApiClient } from '../../stepsecurity/client.ts';
import type { ApiOptions } from './options.ts';

/**
 * The organisations to read: those of the configuration, else those of the tenant. Throws `ConfigError` when the
 * tenant has none, `BrokenListError` when the answer is a part of them, else as the client does.
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
    throw new ConfigError(`customer: no GitHub organisation found for ${options.customer}`);
  return owners;
}

/** A bare array by the OpenAPI file; the vendor's own scripts also look inside `data` and `organizations`. */
function organizations(json: unknown): string[] {
  // Not a paged list by the vendor's documents. Should it become one, a part of it must not pass for the whole.
  for (const layer of [json, isObject(json) ? json.data : undefined]) {
    if (isObject(layer) && (layer.has_more === true || layer.next_token))
      throw new BrokenListError('the list goes on, and this version cannot follow it; give `owners`');
  }
  const list = [json, ...(isObject(json) ? [json.data, json.organizations] : [])].find(Array.isArray);
  if (list === undefined) {
    if (json === null) return [];
    throw new RetryableError('an answer that is no list of organisations');
  }
  const names = list.filter(isObject).map((entry) => entry.owner || entry.organization);
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))];
}
