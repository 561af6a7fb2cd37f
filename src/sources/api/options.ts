import * as z from 'zod';
import { concurrency } from '../../options/concurrency.ts';
import { conditional, refuseMeaningless } from '../../options/meaningless.ts';
import { apiConnectionShape, hasOneKey, ONE_KEY } from '../../stepsecurity/options.ts';
import { API_KINDS, CLIENT_KINDS, STATUSES } from './kinds.ts';

const name = z.string().regex(/^[A-Za-z0-9._:-]+$/, 'must be a plain name without slashes');

/** Options of the `api` source. */
export const apiOptions = z
  .strictObject({
    type: z.literal('api').default('api').describe('The StepSecurity API.'),
    ...apiConnectionShape,
    owners: z.array(name).min(1).optional().describe('GitHub organizations to read, each by its own path.'),
    customer: name
      .optional()
      .describe(
        'Tenant whose organizations are discovered. Give either this (with a tenant key) or `owners`.',
      ),
    tenant_wide: z
      .boolean()
      .optional()
      .meta(conditional(true))
      .describe(
        'With `customer`: read detections by the tenant-wide path, which the vendor uses but does not document. ' +
          'false reads each discovered organization by the documented path.',
      ),
    kinds: z
      .array(z.string().regex(/^[A-Za-z0-9_-]+$/))
      .min(1)
      .default([...API_KINDS, ...CLIENT_KINDS])
      .describe('Detection types to request.'),
    statuses: z
      .array(z.enum(STATUSES))
      .min(1)
      .default([...STATUSES])
      .describe(
        'States to request. Suppression can hide an attack: without `suppressed` you would not see it.',
      ),
    policy_evaluations: z
      .boolean()
      .default(true)
      .describe('Also read blocked workflow runs: the API reports policy blocks nowhere else.'),
    threat_intelligence: z
      .boolean()
      .default(true)
      .describe(
        'Also read supply chain incidents and the compromised packages of each: one request per incident.',
      ),
    since: z.iso
      .datetime({ offset: true })
      .optional()
      .describe(
        'Leave out rows with an earlier event time. The API cannot filter by time, so they are still read.',
      ),
    page_rows: z.int().min(1).max(1000).default(200).describe('Rows per request.'),
    concurrency: concurrency(4, 20).describe('Lists read concurrently.'),
    state_changes: z
      .boolean()
      .default(true)
      .describe('Send a separate document when a detection is suppressed, resolved or reopened.'),
  })
  .refine(hasOneKey, ONE_KEY)
  .refine((o) => (o.owners === undefined) !== (o.customer === undefined), {
    path: ['owners'],
    error: 'give exactly one of owners and customer',
  })
  .superRefine((options, context) => {
    if (options.customer === undefined)
      refuseMeaningless(options, ['tenant_wide'], 'without customer', context);
  })
  .transform(({ tenant_wide = true, ...options }) => ({ ...options, tenant_wide }));

export type ApiOptions = z.output<typeof apiOptions>;
