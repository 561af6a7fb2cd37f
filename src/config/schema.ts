import * as z from 'zod';
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
    source: sourceSchema.describe('Where detections are read from.'),
    sink: sinkSchema.describe('Where documents are written to.'),
    state: stateSchema
      .optional()
      .describe(
        'Where the checkpoint and the lease are kept. Required by run; one source and one sink per state.',
      ),
    dead_letters: z
      .strictObject({
        store: stateSchema
          .optional()
          .describe('Default: dead-letters/ next to the state. Must be s3 if state is.'),
        max_per_run: z
          .int()
          .min(1)
          .default(1_000)
          .describe(
            'Each detection that the destination rejects becomes a dead letter. If one run rejects more than this, it stops with exit 4 after writing them. What cannot be read or decoded is limited per object instead.',
          ),
      })
      .prefault({})
      .describe('Where to keep what cannot be delivered.'),
    identity: z
      .enum(['event_id', 'natural'])
      .default('event_id')
      .describe(
        "What the uid of a detection is a hash of: the vendor's event_id if there is one, combined with kind and repository; or always the natural key. Use natural if two sources feed one data stream or index.",
      ),
    filters: z
      .array(filterSchema)
      .default([])
      .describe('Applied in order; the ledger counts each one by name.'),
    severity: z
      .record(z.string(), z.enum(SEVERITIES))
      .default({})
      .describe('Severity by kind, overriding the defaults.'),
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
      .describe('What to mask in addition to our own rules, and what not to mask.'),
    mapping: z
      .strictObject({
        path: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Folder with your own mappings, added to the built-in ones: each file adds a kind or replaces the file with its name.',
          ),
        cim_profile: z
          .enum(CIM_PROFILES)
          .default(DEFAULT_CIM_PROFILE)
          .describe(
            'Which CIM data models to write: one each; Alerts for all; or an alert plus a second event for the activity.',
          ),
        derive_destination: z
          .boolean()
          .default(true)
          .describe(
            "Extract a reverse shell's remote endpoint from its arguments. A line that never runs (`false && nc …`, an uncalled function, a here-document) can give a false one.",
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
          'Maximum batches in flight at the destination; two more are prepared meanwhile.',
        ),
        batch_bytes: bytes(MIB, { min: KIB, max: 64 * MIB }).describe(
          'Maximum text of one batch, in bytes. Documents are about three times as long, and are sent as one bulk request per batch.',
        ),
        batch_records: z.int().min(1).max(100_000).default(10_000).describe('Maximum records of one batch.'),
        save_interval: duration('10s').describe(
          'The checkpoint is saved no more often than this, and at the end.',
        ),
        grace: duration('25s').describe('How long in-flight work may take after the first SIGTERM.'),
        poll_interval: duration('60s').describe('The pause between passes, with --follow.'),
      })
      .prefault({})
      .describe('The main loop: how much it holds at a time, and how often it saves.'),
    limits: z
      .strictObject({
        record_bytes: bytes(10 * MIB, { min: KIB, max: 256 * MIB }).describe(
          'A larger record becomes a dead letter.',
        ),
        object_bytes: bytes(8_192 * MIB, { min: KIB }).describe(
          'Decompressed size; everything beyond it becomes a dead letter.',
        ),
        expansion: z
          .number()
          .min(1)
          .default(200)
          .describe('Decompressed bytes per compressed byte, as protection against decompression bombs.'),
        zstd_window_bytes: bytes(8 * MIB, { min: KIB, max: 128 * MIB }).describe(
          'Largest window a zstd frame may request; a larger one makes its object a dead letter. 8 MiB covers every level up to 19; 32, 64 and 128 MiB are for --ultra 20, 21 and 22, and use about twice as much memory.',
        ),
      })
      .prefault({})
      .describe('Limits on content.'),
    retry: z
      .strictObject({
        initial_delay: duration('500ms').describe('The first wait is at most this long.'),
        max_delay: duration('30s').describe('No wait is longer, unless the server asks for it.'),
        max_elapsed: duration('10m').describe(
          'How long to wait for an outage to end; after that the run ends with exit 4.',
        ),
      })
      .prefault({})
      .describe('How to retry passing failures.'),
    lease: z
      .strictObject({
        ttl: duration('60s').describe(
          'Another run may take over a lease that was not renewed for this long.',
        ),
        renew_interval: duration('20s').describe('How often to renew the lease.'),
      })
      .prefault({})
      .describe('Keeps two runs from using the same checkpoint.'),
    log: z
      .strictObject({
        level: z
          .enum(['debug', 'info', 'warn', 'error', 'silent'])
          .default('info')
          .describe('Log level, on stderr.'),
      })
      .prefault({})
      .describe('JSON lines on stderr.'),
    metrics: metricsSchema.describe('Metrics for Prometheus.'),
    ping: pingSchema.optional().describe('The monitor that run reports its start and its result to.'),
    receive: receiveSchema
      .optional()
      .describe(
        'The webhook receiver, for the command receive. It stores what the vendor posts where the source reads: a folder (type file) or a bucket (type s3).',
      ),
  })
  .superRefine(({ source, enrichment }, context) => {
    const { look_ups: wanted, api } = enrichment;
    const complain = (message: string) =>
      context.addIssue({ code: 'custom', path: ['enrichment', 'api'], message });
    const answers = knowsRuns(source);
    if (api !== undefined && answers)
      complain('has no effect with this source, which looks up runs itself: leave it out');
    else if (api !== undefined && !wanted) complain('has no effect without look_ups: leave it out');
    else if (wanted && api === undefined && !answers)
      complain(
        'required with look_ups, expected { api_key_file: … }: this source cannot be asked about runs',
      );
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
        message: 'must be s3 if state is s3: a local folder would be lost with the machine',
      });
    }
  })
  .describe('Configuration of stepsecurity-siem.');

export type Config = z.output<typeof configSchema>;
