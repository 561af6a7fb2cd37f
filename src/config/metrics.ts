import { z } from 'zod';
import { listenAddress } from '../options/listen.ts';

/** Metrics for Prometheus. OpenTelemetry is set up by its own variables of the environment. */
export const metricsSchema = z
  .strictObject({
    textfile: z
      .string()
      .regex(/\.prom$/, 'expected a path that ends in .prom: the textfile collector reads no other files')
      .optional()
      .describe(
        "File for the textfile collector of Prometheus' node_exporter, written by run after each pass. Counters go on from what it holds. Each configuration has a file of its own.",
      ),
    listen: listenAddress
      .optional()
      .describe(
        'Address and port where run answers Prometheus under /metrics for as long as it runs; for --follow. Without authentication.',
      ),
    feed: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Value of the label feed on every metric. Needed where two configurations have the same source and the same sink.',
      ),
  })
  .prefault({});

export type MetricsOptions = z.output<typeof metricsSchema>;
