import type { Context } from '../../contracts/component.ts';
import type { SourceContext, TimeRange } from '../../contracts/source.ts';
import type { Source } from '../../contracts/types.ts';
import { connect } from '../../stepsecurity/connect.ts';
import { askRun } from '../../stepsecurity/run.ts';
import { createMemory } from './memory.ts';
import type { ApiOptions } from './options.ts';
import { readOnce } from './read.ts';

export async function openApiSource(options: ApiOptions, context: Context & SourceContext): Promise<Source> {
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
      // Everything has been sent: the next backfill starts over.
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
 * A backfill remembers rows under the range it was given: what one range filtered out must be sent when another range
 * includes it.
 */
function rangeLine({ from, to }: TimeRange): string {
  return `${from ?? ''}..${to ?? ''}\n`;
}

function unframed(bytes: Buffer | undefined, range: string): Buffer | undefined {
  if (bytes === undefined || !bytes.subarray(0, range.length).equals(Buffer.from(range))) return undefined;
  return bytes.subarray(range.length);
}
