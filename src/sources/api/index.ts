import type { SourceComponent } from '../../contracts/source.ts';
import { type ApiOptions, apiOptions } from './options.ts';
import { isApiUri } from './origin.ts';

/**
 * Polls the StepSecurity API. The API has no cursor, no time filter and no order, and rewrites rows in place, so a pass
 * sweeps every list and sends what is new according to its memory: a row not seen before, another occurrence of it, or
 * another state. `fetch` is absent: by the time of a replay a row can be gone or rewritten, while the stored text is
 * what was seen.
 *
 * A record is the detection as it appears in the list (a policy evaluation as it would appear in the export), with at
 * most one added key, `stepsecurity_siem`: `change` {from, to, counter} makes it a state change; `run` {branch, event,
 * committer, workflow} is what an evaluation says about its run; `policy` {status, names} marks a dry run; `row_id`
 * keeps an `id` that was not a type. A threat intelligence incident has the shape of the export, and a compromised
 * component the id `Compromised-Component`.
 */
export const api = {
  schema: apiOptions,
  name: ({ url, customer, owners }) => `${url} (${customer ?? owners?.join(', ') ?? ''})`,
  label: () => 'api',
  isMutable: isApiUri,
  knowsRuns: true,
  // Without the owners: rows are remembered by their owner, so the list may grow or shrink without losing progress.
  identify: ({ url, customer }) => `api:${url.replace(/\/+$/, '')}:${customer ?? 'owners'}`,
  async create(options, context) {
    const { openApiSource } = await import('./source.ts');
    return openApiSource(options, context);
  },
  async describe(parts) {
    const rows = await parts.part('rows');
    const { createMemory } = await import('./memory.ts');
    return rows === undefined ? [] : [`rows remembered: ${createMemory(rows).size()}`];
  },
  async *check(options, context) {
    const { connect } = await import('../../stepsecurity/connect.ts');
    const { checkApi } = await import('./check.ts');
    yield* checkApi(options, context, connect(options, context).client);
  },
} satisfies SourceComponent<ApiOptions>;
