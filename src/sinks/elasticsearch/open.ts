import type { Context } from '../../contracts/component.ts';
import type { SinkContext } from '../../contracts/sink.ts';
import type { Sink } from '../../contracts/types.ts';
import { createDirect } from './direct.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { ElasticsearchOptions } from './options.ts';
import { createProbe } from './probe.ts';
import { whenNeeded } from './when-needed.ts';

/** The client is loaded on the first write or lookup; probe and heartbeat do without it. */
export function openElasticsearchSink(options: ElasticsearchOptions, context: Context & SinkContext): Sink {
  const direct = createDirect(options);
  const whole = whenNeeded(async () => {
    const { createElasticsearchSink } = await import('./sink.ts');
    return createElasticsearchSink(options, context);
  });
  return {
    ...whole,
    probe: createProbe(direct, context),
    ...createHeartbeat(direct, options),
    async close() {
      direct.close();
      await whole.close();
    },
  };
}
