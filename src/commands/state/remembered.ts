import * as z from 'zod';
import { VERSION } from '../../contracts/version.ts';

const integer = z.number().int().min(0);
const name = z.string().describe('run, or backfill-… for each backfill.');

const checkpointSchema = z.strictObject({
  name,
  saved: z.string().describe('By the clock of the machine that saved it, ISO 8601.'),
  clean: z.boolean().describe('Its last run ended cleanly; also false while a run is in progress.'),
  complete: z.boolean().describe('The last pass read everything there was.'),
  unclean_runs: integer.describe('Runs since the last clean end, including one in progress.'),
  fingerprints: z
    .strictObject({ identity: z.string(), source: z.string(), sink: z.string() })
    .describe('What it was made for.'),
  changed: z
    .array(z.enum(['identity', 'source', 'sink']))
    .describe('Which of these differ from the current configuration: run refuses to continue.'),
  totals: z.record(z.string(), integer).describe('Sums over all runs.'),
  parts: z.record(z.string(), integer).describe('Bytes of each part.'),
  progress: z.array(z.string()).describe('How far the source has got, in words.'),
});

const damagedSchema = z.strictObject({ name, error: z.string().describe('Why it cannot be read.') });

/** What `state show` prints: one line. */
export const rememberedSchema = z
  .strictObject({
    state: z.literal(1).describe('Version of this schema.'),
    version: z.string().describe('Version of stepsecurity-siem.'),
    command: z.literal('state show'),
    store: z.string(),
    checkpoints: z.array(z.union([checkpointSchema, damagedSchema])),
  })
  .describe('What stepsecurity-siem remembers between runs.');

export type Remembered = z.output<typeof rememberedSchema>;
export type Checkpoint = z.output<typeof checkpointSchema> | z.output<typeof damagedSchema>;

export function rememberedIn(store: string, checkpoints: Remembered['checkpoints']): Remembered {
  return { state: 1, version: VERSION, command: 'state show', store, checkpoints };
}
