import * as z from 'zod';
import { listenAddress } from '../options/listen.ts';

/** Metrics for Prometheus. OpenTelemetry is configured through its own environment variables. */
export const metricsSchema = z
  .strictObject({
    textfile: z
      .string()
      .regex(/\.prom$/, 'expected a path that ends in .prom: the textfile collector reads no other files')
      .optional()
      .describe(
        'File for the textfile collector of the Prometheus node_exporter, written by run after each pass. Counters continue from the values in it. Each configuration needs its own file.',
      ),
    listen: listenAddress
      .optional()
      .describe(
        'Address and port where run serves /metrics to Prometheus for as long as it runs; for use with --follow. No authentication.',
      ),
    feed: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Value of the label feed on every metric. Needed if two configurations have the same source and the same sink.',
      ),
  })
  .prefault({});

export type MetricsOptions = z.output<typeof metricsSchema>;
