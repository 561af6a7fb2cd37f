import type { RetryPolicy } from '../contracts/component.ts';
import { isObject } from '../contracts/json.ts';
import type { JsonObject, RunRef } from '../contracts/types.ts';
import { type ApiClient, RefusedError } from './client.ts';

/** Run details are not worth waiting out an outage. */
const PATIENCE_MS = 10_000;

/** The document of a run; undefined if the API does not know one. Throws as `ApiClient.get` does, but gives up soon. */
export async function askRun(
  client: ApiClient,
  { owner, repo, id }: RunRef,
  { signal, retry }: { readonly signal: AbortSignal; readonly retry: RetryPolicy },
): Promise<JsonObject | undefined> {
  const path = `/github/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}/actions/runs/${id}`;
  const policy = { ...retry, maxElapsedMs: Math.min(retry.maxElapsedMs, PATIENCE_MS) };
  try {
    return await client.get(path, {}, documentOf, { signal, policy });
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}

/** Some answers of this API are wrapped in `data`. */
function documentOf(json: unknown): JsonObject | undefined {
  if (!isObject(json)) return undefined;
  return isObject(json.data) ? json.data : json;
}
