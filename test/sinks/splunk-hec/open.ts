import type { Sending } from '../../../src/contracts/sink.ts';
import type { Sink } from '../../../src/contracts/types.ts';
import { splunkHec } from '../../../src/sinks/splunk-hec/index.ts';
import { splunkHecSchema } from '../../../src/sinks/splunk-hec/options.ts';
import { testContext } from '../../contract/sink.ts';

export const TOKEN = ['00000000', '0000', '0000', '0000', '000000000000'].join('-');

/** A sink for tests, its counters, and the options it was given. */
export async function openHec(
  url: string,
  over: Record<string, unknown> = {},
  context: { sending?: Sending; maxElapsedMs?: number } = {},
): Promise<{ sink: Sink; counted: (name: string) => number }> {
  const { sending, maxElapsedMs = 3_000 } = context;
  const base = testContext({ retry: { initialMs: 5, maxMs: 20, maxElapsedMs } });
  const sink = await splunkHec.create(splunkHecSchema.parse({ url, token: TOKEN, ...over }), {
    ...base,
    sending,
    sourceLabel: 's3:detections',
  });
  return { sink, counted: (name) => base.counters.get(name) ?? 0 };
}
