import * as z from 'zod';
import { type BoundSink, bindSink, type SinkComponent } from '../contracts/sink.ts';
import { elasticsearch } from './elasticsearch/index.ts';
import { ndjson } from './ndjson/index.ts';
import { splunkHec } from './splunk-hec/index.ts';

/** The registry of sinks, by the `type` of their options. */
const SINKS = {
  elasticsearch,
  splunk_hec: splunkHec,
  ndjson,
};

type SinkSchema = (typeof SINKS)[keyof typeof SINKS]['schema'];

export const sinkSchema = z.discriminatedUnion(
  'type',
  Object.values(SINKS).map(({ schema }) => schema) as [SinkSchema, ...SinkSchema[]],
);

export type SinkConfig = z.output<typeof sinkSchema>;

export function sinkOf(config: SinkConfig): BoundSink {
  // Each takes the options of its own type, which is what the key says; TypeScript cannot tie the two together.
  return bindSink(SINKS[config.type] as SinkComponent<SinkConfig>, config);
}
