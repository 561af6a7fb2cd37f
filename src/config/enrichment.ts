import { z } from 'zod';
import { concurrency } from '../options/concurrency.ts';
import { duration } from '../options/duration.ts';
import { apiConnectionShape, hasOneKey, ONE_KEY } from '../stepsecurity/options.ts';

/** What is known of a detection's run beside its payload. */
export const enrichmentSchema = z
  .strictObject({
    look_ups: z
      .boolean()
      .default(false)
      .describe(
        'Ask the StepSecurity API for the run of a detection of which no Insights document told: one request per run.',
      ),
    api: z
      .strictObject(apiConnectionShape)
      .refine(hasOneKey, ONE_KEY)
      .optional()
      .describe('Whom to ask. A source of type api asks with its own key.'),
    cache_runs: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .describe('Runs remembered within one process, from Insights documents and look-ups.'),
    concurrency: concurrency(4, 50).describe('Run look-ups under way at once.'),
    batch_timeout: duration('30s', { min: '1s', max: '1h' }).describe(
      'How long a batch waits for its look-ups; what is not known by then goes without.',
    ),
  })
  .prefault({});
