import type { Context } from '../contracts/component.ts';
import { agentFor } from '../net/agents.ts';
import { type ApiClient, createClient } from './client.ts';
import { createKey } from './key.ts';
import type { ApiConnection } from './options.ts';
import { createPace } from './pace.ts';

/** Enough for a page of 1,000 rows with long lists, or the document of a large run. */
const MAX_REPLY_BYTES = 64 * 2 ** 20;

export function connect(
  options: ApiConnection,
  { log, meter }: Pick<Context, 'log' | 'meter'>,
): { readonly client: ApiClient; readonly close: () => void } {
  const agent = agentFor(options.url, { caFile: options.ca_file });
  const client = createClient({
    baseUrl: options.url,
    key: createKey(options),
    pace: createPace(options.max_requests_per_second),
    agent,
    timeoutMs: options.request_timeout,
    maxBytes: MAX_REPLY_BYTES,
    log,
    meter,
  });
  return { client, close: () => agent.destroy() };
}
