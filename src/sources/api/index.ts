import type { Context } from '../../contracts/component.ts';
import type { SourceComponent, SourceContext, TimeRange } from '../../contracts/source.ts';
import type { Source } from '../../contracts/types.ts';
import { agentFor } from '../../net/agents.ts';
import { checkApi } from './check.ts';
import { createClient } from './client.ts';
import { createEnricher } from './enrich.ts';
import { createKey } from './key.ts';
import { createLimiter } from './limiter.ts';
import { createMemory } from './memory.ts';
import { type ApiOptions, apiOptions, enrichmentOf } from './options.ts';
import { isApiUri } from './origin.ts';
import { readOnce } from './read.ts';

/** A page of 1,000 rows with long lists, or the run document of a large run. */
const MAX_REPLY_BYTES = 64 * 2 ** 20;

/**
 * Polls the StepSecurity API. It has no cursor, no time filter and no order, and rewrites rows in place, so a pass
 * sweeps every list and sends what memory says is new: a row not seen before, another occurrence of it, or another
 * state. `fetch` is absent: a row can be gone or rewritten by the time of a replay, the stored text is what was seen.
 *
 * A record is the detection as the list gives it (a policy evaluation as the export would give it), with at most one
 * key added, `stepsecurity_siem`: `change` {from, to, counter} makes it a state change; `run` {actor, branch, head_sha,
 * event, committer} is what is known of the run; `policy` {status, names} tells a dry run; `row_id` keeps an `id` that
 * was no type. An incident of the threat intelligence has the shape of the export, a compromised component the id
 * `Compromised-Component`.
 */
export const api = {
  schema: apiOptions,
  name: ({ url, customer, owners }) => `${url} (${customer ?? owners?.join(', ') ?? ''})`,
  label: () => 'api',
  isMutable: isApiUri,
  // Without the owners: rows are remembered by their owner, so a list that grows or shrinks may go on.
  identify: ({ url, customer }) => `api:${url.replace(/\/+$/, '')}:${customer ?? 'owners'}`,
  create: createApi,
  async describe(parts) {
    const rows = await parts.part('rows');
    return rows === undefined ? [] : [`rows remembered: ${createMemory(rows).size()}`];
  },
  check: (options, context) => checkApi(options, context, clientOf(options, context).client),
} satisfies SourceComponent<ApiOptions>;

async function createApi(options: ApiOptions, context: Context & SourceContext): Promise<Source> {
  const { backfill } = context;
  const part = backfill === undefined ? 'rows' : 'backfill';
  const range = backfill === undefined ? '' : rangeLine(backfill);
  const memory = createMemory(unframed(await context.part(part), range));
  const { client, agent } = clientOf(options, context);
  const lookUps = enrichmentOf(options);
  const enricher = lookUps && createEnricher(client, lookUps, context);
  let finished = false;
  return {
    read(stop) {
      finished = false;
      const complete = () => {
        finished = true;
      };
      return readOnce({ options, context, client, memory, enricher, complete }, stop);
    },
    progress() {
      const bytes = memory.save();
      // Told to its end: the next backfill begins anew.
      if (backfill !== undefined && finished && !memory.waiting()) return new Map([[part, null]]);
      return new Map(bytes === undefined ? [] : [[part, Buffer.concat([Buffer.from(range), bytes])]]);
    },
    async close() {
      agent.destroy();
    },
  };
}

function clientOf(options: ApiOptions, { log, meter }: Context) {
  const agent = agentFor(options.url, { caFile: options.ca_file });
  const client = createClient({
    baseUrl: options.url,
    key: createKey(options),
    limiter: createLimiter(options.max_requests_per_second),
    agent,
    timeoutMs: options.request_timeout,
    maxBytes: MAX_REPLY_BYTES,
    log,
    meter,
  });
  return { agent, client };
}

/**
 * A backfill remembers under the range it was asked for: what one range filtered out must be told when another range
 * wants it.
 */
function rangeLine({ from, to }: TimeRange): string {
  return `${from ?? ''}..${to ?? ''}\n`;
}

function unframed(bytes: Buffer | undefined, range: string): Buffer | undefined {
  if (bytes === undefined || !bytes.subarray(0, range.length).equals(Buffer.from(range))) return undefined;
  return bytes.subarray(range.length);
}
