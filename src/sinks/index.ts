import { z } from 'zod';
import { type Bound, bind } from '../contracts/component.ts';
import type { SinkContext } from '../contracts/sink.ts';
import type { Sink } from '../contracts/types.ts';
import { elasticsearch } from './elasticsearch/index.ts';
import { elasticsearchSchema } from './elasticsearch/options.ts';
import { ndjson } from './ndjson/index.ts';
import { ndjsonSchema } from './ndjson/options.ts';
import { splunkHec } from './splunk-hec/index.ts';
import { splunkHecSchema } from './splunk-hec/options.ts';

/** The registry of sinks. */
export const sinkSchema = z.discriminatedUnion('type', [elasticsearchSchema, splunkHecSchema, ndjsonSchema]);

export type SinkConfig = z.output<typeof sinkSchema>;

export function sinkOf(config: SinkConfig): Bound<SinkContext, Sink> {
  switch (config.type) {
    case 'elasticsearch':
      return bind(elasticsearch, config);
    case 'splunk_hec':
      return bind(splunkHec, config);
    case 'ndjson':
      return bind(ndjson, config);
  }
}

/** What a sink asks of the documents for it, known before it is made. */
export function shapeOf(config: SinkConfig): { schema: Sink['schema']; namespace?: string } {
  switch (config.type) {
    case 'elasticsearch':
      return { schema: 'ecs', namespace: config.namespace };
    case 'splunk_hec':
      return { schema: 'cim' };
    case 'ndjson':
      return { schema: config.schema };
  }
}
