import type { Context } from '../../contracts/component.ts';
import type { SourceComponent, SourceContext, TimeRange } from '../../contracts/source.ts';
import type { Source } from '../../contracts/types.ts';
import { connect } from '../../stepsecurity/connect.ts';
import { askRun } from '../../stepsecurity/run.ts';
import { checkApi } from './check.ts';
import { createMemory } from './memory.ts';
import { type ApiOptions, apiOptions } from './options.ts';
import { isApiUri } from './origin.ts';
import { readOnce } from './read.ts';

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
  create: createApi,
  async describe(parts) {
    const rows = await parts.part('rows');
    return rows === undefined ? [] : [`rows remembered: ${createMemory(rows).size()}`];
  },
  check: (options, context) => checkApi(options, context, connect(options, context).client),
} satisfies SourceComponent<ApiOptions>;

async function createApi(options: ApiOptions, context: Context & SourceContext): Promise<Source> {
  const { backfill } = context;
  const part = backfill === undefined ? 'rows' : 'backfill';
  const range = backfill === undefined ? '' : rangeLine(backfill);
  const memory = createMemory(unframed(await context.part(part), range));
  const { client, close } = connect(options, context);
  let finished = false;
  return {
    read(stop) {
      finished = false;
      const complete = () => {
        finished = true;
      };
      return readOnce({ options, context, client, memory, complete }, stop);
    },
    progress() {
      const bytes = memory.save();
      // Told to its end: the next backfill begins anew.
      if (backfill !== undefined && finished && !memory.waiting()) return new Map([[part, null]]);
      return new Map(bytes === undefined ? [] : [[part, Buffer.concat([Buffer.from(range), bytes])]]);
    },
    askRun: (run, signal) => askRun(client, run, { signal, retry: context.retry }),
    async close() {
      close();
    },
  };
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
