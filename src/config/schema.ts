import { z } from 'zod';
import { filterSchema } from '../detections/filters.ts';
import { SEVERITIES } from '../detections/severity.ts';
import { CIM_PROFILES, DEFAULT_CIM_PROFILE } from '../mapping/schemas/cim/profile.ts';
import { bytes, KIB, MIB } from '../options/bytes.ts';
import { concurrency } from '../options/concurrency.ts';
import { duration } from '../options/duration.ts';
import { redactionSchema } from '../redaction/options.ts';
import { sinkSchema } from '../sinks/index.ts';
import { knowsRuns, sourceSchema } from '../sources/index.ts';
import { stateSchema } from '../state/index.ts';
import { enrichmentSchema } from './enrichment.ts';
import { metricsSchema } from './metrics.ts';
import { pingSchema } from './ping.ts';
import { receiveSchema } from './receive.ts';
import { spoolComplaint } from './spool.ts';

/** The whole configuration. Its JSON Schema is published as `schemas/config.schema.json`. */
export const configSchema = z
  .strictObject({
    source: sourceSchema.describe('Where detections are read.'),
    sink: sinkSchema.describe('Where they go.'),
    state: stateSchema
      .optional()
      .describe(
        'Where the checkpoint and the lease live. Required by run; one source and one sink per state.',
      ),
    dead_letters: z
      .strictObject({
        store: stateSchema
          .optional()
          .describe('Default: dead-letters/ beside the state. Must be s3 when state is.'),
        max_per_run: z
          .int()
          .min(1)
          .default(1_000)
          .describe(
            'Detections that the destination rejects have a dead letter each: more than this in one run stop it with exit 4, once they are written. What cannot be read or decoded is capped for each object instead.',
          ),
      })
      .prefault({})
      .describe('What cannot be delivered.'),
    identity: z
      .enum(['event_id', 'natural'])
      .default('event_id')
      .describe(
        "What a detection's uid is the hash of: the vendor's event_id where there is one, bound to kind and repository; or always the natural key. Where two sources feed one data stream or index, natural.",
      ),
    filters: z
      .array(filterSchema)
      .default([])
      .describe('Applied in order; each is counted by name in the ledger.'),
    severity: z
      .record(z.string(), z.enum(SEVERITIES))
      .default({})
      .describe('Severity by kind, over our defaults.'),
    labels: z
      .record(z.string().regex(/^\w+$/, 'letters, digits and _'), z.string())
      .default({})
      .describe('Static labels on every document.'),
    preserve_original: z
      .boolean()
      .default(false)
      .describe('Keep the whole redacted payload: in event.original (ECS), under stepsecurity (CIM).'),
    redaction: redactionSchema
      .prefault({})
      .describe('What is masked beside what our own rules find, and what is not.'),
    mapping: z
      .strictObject({
        path: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Folder of mappings of your own, laid over those of the package: each file adds a kind or replaces the file of its name.',
          ),
        cim_profile: z
          .enum(CIM_PROFILES)
          .default(DEFAULT_CIM_PROFILE)
          .describe(
            'Which CIM data models: one each; Alerts for all; or an alert and a second event for the activity.',
          ),
        derive_destination: z
          .boolean()
          .default(true)
          .describe(
            "Read a reverse shell's far end out of its arguments. A line that never runs (`false && nc …`, a function nobody calls, a here-document) can name a false one.",
          ),
      })
      .prefault({})
      .describe('How detections become documents.'),
    enrichment: enrichmentSchema.describe(
      'Host, worker, user and workflow of a detection, from the document of its run.',
    ),
    pipeline: z
      .strictObject({
        concurrency: concurrency(4, 64).describe(
          'Batches at the destination at once; two more are prepared meanwhile.',
        ),
        batch_bytes: bytes(MIB, { min: KIB, max: 64 * MIB }).describe(
          'Text of one batch. Documents are some three times as long: one bulk request each.',
        ),
        batch_records: z.int().min(1).max(100_000).default(10_000).describe('Records of one batch.'),
        save_interval: duration('10s').describe(
          'The checkpoint is saved at most this often, and at the end.',
        ),
        grace: duration('25s').describe('After the first SIGTERM, how long what is in flight may take.'),
        poll_interval: duration('60s').describe('With --follow, the pause between passes.'),
      })
      .prefault({})
      .describe('The loop: what it holds at once, and how often it saves.'),
    limits: z
      .strictObject({
        record_bytes: bytes(10 * MIB, { min: KIB, max: 256 * MIB }).describe(
          'A larger record is a dead letter.',
        ),
        object_bytes: bytes(8_192 * MIB, { min: KIB }).describe(
          'Decompressed; what lies beyond is a dead letter.',
        ),
        expansion: z
          .number()
          .min(1)
          .default(200)
          .describe('Decompressed bytes per compressed byte, against bombs.'),
        zstd_window_bytes: bytes(8 * MIB, { min: KIB, max: 128 * MIB }).describe(
          'The window a zstd frame may ask for; a larger one makes its object a dead letter. 8 MiB is every level up to 19; 32, 64 and 128 MiB are --ultra 20, 21 and 22, and take about twice as much memory.',
        ),
      })
      .prefault({})
      .describe('Caps on content.'),
    retry: z
      .strictObject({
        initial_delay: duration('500ms').describe('The first wait is at most this.'),
        max_delay: duration('30s').describe('No wait is longer, save one the server asked for.'),
        max_elapsed: duration('10m').describe(
          'An outage is waited out this long, then the run ends with exit 4.',
        ),
      })
      .prefault({})
      .describe('How passing failures are waited out.'),
    lease: z
      .strictObject({
        ttl: duration('60s').describe('A lease not renewed for this long may be taken over.'),
        renew_interval: duration('20s').describe('How often it is renewed.'),
      })
      .prefault({})
      .describe('Keeps two runs of one checkpoint apart.'),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('On stderr.'),
      })
      .prefault({})
      .describe('JSON lines on stderr.'),
    metrics: metricsSchema.describe('Metrics for Prometheus.'),
    ping: pingSchema
      .optional()
      .describe('The monitor to which run reports that it started, and how it ended.'),
    receive: receiveSchema
      .optional()
      .describe(
        'The webhook receiver, for the command receive. It stores what the vendor posts where source reads: a folder (type file) or a bucket (type s3).',
      ),
  })
  .superRefine(({ source, enrichment }, context) => {
    const { look_ups: wanted, api } = enrichment;
    const complain = (message: string) =>
      context.addIssue({ code: 'custom', path: ['enrichment', 'api'], message });
    const answers = knowsRuns(source);
    if (api !== undefined && answers)
      complain('has no meaning with this source, which asks by itself: leave it out');
    else if (api !== undefined && !wanted) complain('has no meaning without look_ups: leave it out');
    else if (wanted && api === undefined && !answers)
      complain('required with look_ups, expected { api_key_file: … }: this source cannot be asked for runs');
  })
  .superRefine(({ source, receive }, context) => {
    if (receive === undefined) return;
    const complaint = spoolComplaint(source, receive);
    if (complaint !== undefined) context.addIssue({ code: 'custom', ...complaint });
  })
  .superRefine((config, context) => {
    if (config.state?.type === 's3' && config.dead_letters.store?.type === 'file') {
      context.addIssue({
        code: 'custom',
        path: ['dead_letters', 'store'],
        message: 'must be s3 when state is s3: a local folder would be lost with the machine',
      });
    }
  })
  .describe('Configuration of stepsecurity-siem.');

export type Config = z.output<typeof configSchema>;
