import type { SourceComponent } from '../../contracts/source.ts';
import { type ApiOptions, apiOptions } from './options.ts';
import { isApiUri } from './origin.ts';

/**
 * Polls the StepSecurity API. It has no cursor, no time filter and no order, and rewrites rows in place, so a pass
 * sweeps every list and sends what memory says is new: a row not seen before, another occurrence of it, or another
 * state. `fetch` is absent: a row can be gone or rewritten by the time of a replay, the stored text is what was seen.
 *
 * A record is the detection as the list gives it (a policy evaluation as the export would give it), with at most one
 * key added, `stepsecurity_siem`: `change` {from, to, counter} makes it a state change; `run` {branch, event,
 * committer, workflow} is what an evaluation says of its run; `policy` {status, names} tells a dry run; `row_id` keeps
 * an `id` that was no type. An incident of the threat intelligence has the shape of the export, a compromised component the id
 * `Compromised-Component`.
 */
export const api = {
  schema: apiOptions,
  name: ({ url, customer, owners }) => `${url} (${customer ?? owners?.join(', ') ?? ''})`,
  label: () => 'api',
  isMutable: isApiUri,
  knowsRuns: true,
  // Without the owners: rows are remembered by their owner, so a list that grows or shrinks may go on.
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
