import * as z from 'zod';
import { concurrency } from '../options/concurrency.ts';
import { duration } from '../options/duration.ts';
import { apiConnectionShape, hasOneKey, ONE_KEY } from '../stepsecurity/options.ts';

/** What is known about a detection's run apart from its payload. */
export const enrichmentSchema = z
  .strictObject({
    look_ups: z
      .boolean()
      .default(false)
      .describe(
        'Ask the StepSecurity API about the run of a detection if no Insights document covered it: one request per run.',
      ),
    api: z
      .strictObject(apiConnectionShape)
      .refine(hasOneKey, ONE_KEY)
      .optional()
      .describe('The API to ask. A source of type api uses its own key instead.'),
    cache_runs: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .describe('Runs remembered within one process, from Insights documents and lookups.'),
    concurrency: concurrency(4, 50).describe('Maximum concurrent run lookups.'),
    batch_timeout: duration('30s', { min: '1s', max: '1h' }).describe(
      'How long a batch waits for its lookups; detections whose run is not known by then go without.',
    ),
  })
  .prefault({});
