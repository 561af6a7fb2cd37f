import { z } from 'zod';
import { DAY_MS } from '../../contracts/units.ts';
import { duration } from '../../options/duration.ts';
import { serviceUrl } from '../../options/service-url.ts';

export const SOURCETYPE = 'stepsecurity:harden_runner:detection';
export const ACTIVITY_SOURCETYPE = 'stepsecurity:harden_runner:activity';

/** Options of the sink `splunk_hec`. Imports no client: cheap to load. */
export const splunkHecSchema = z
  .strictObject({
    type: z
      .literal('splunk_hec')
      .default('splunk_hec')
      .describe('The HTTP Event Collector of Splunk, as CIM.'),
    url: serviceUrl.describe('URL of the HTTP Event Collector, e.g. https://splunk.example:8088.'),
    token: z
      .string()
      .regex(/^\uFEFF?\S+\s*$/, 'must be one token, without spaces')
      .optional()
      .describe('HEC token. Without it and token_file: the environment variable SPLUNK_HEC_TOKEN.'),
    token_file: z
      .string()
      .min(1)
      .optional()
      .describe('File that holds the HEC token, e.g. a mounted secret.'),
    index: z
      .string()
      .regex(/^[a-z0-9_][a-z0-9_-]*$/, 'must be an index name: lower case letters, digits, _ and -')
      .optional()
      .describe('Index to write to. Default: the default index of the token.'),
    source: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Splunk source of every event. Default: stepsecurity:<source>, e.g. stepsecurity:s3:<bucket>.',
      ),
    sourcetype: z
      .string()
      .min(1)
      .default(SOURCETYPE)
      .describe(
        `Splunk sourcetype. The add-on knows the default only; activity events are always ${ACTIVITY_SOURCETYPE}.`,
      ),
    host: z
      .string()
      .min(1)
      .default('app.stepsecurity.io')
      .describe('Splunk host of every event: the StepSecurity tenant, never the machine that sends.'),
    ack: z
      .boolean()
      .default(false)
      .describe(
        'Count an event as delivered only when the indexer acknowledged it. Splunk Cloud offers this for Firehose only.',
      ),
    ack_timeout: duration('2m').describe('How long to wait for an acknowledgement before sending again.'),
    ack_poll: duration('2s').describe('Time between two questions for acknowledgements.'),
    channel: z
      .guid()
      .optional()
      .describe('Channel GUID. Default with ack: a new one per process; two processes must never share one.'),
    max_batch_bytes: z
      .int()
      .min(1_000)
      .max(100_000_000)
      .default(800_000)
      .describe('Largest request in bytes before compression; HEC’s own limit is often 1 MB.'),
    max_in_flight: z.int().min(1).max(64).default(4).describe('Requests in flight at once.'),
    gzip: z.boolean().default(true).describe('Compress requests.'),
    ca_file: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file with the only certificate authorities to trust. Default: those of Node.js.'),
    request_timeout: duration('60s').describe(
      'How long until a request without a complete reply is given up.',
    ),
  })
  .superRefine((options, context) => {
    const complain = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (options.token !== undefined && options.token_file !== undefined) {
      complain('token', 'expected only one of token and token_file');
    }
    for (const key of ['ack_timeout', 'ack_poll', 'request_timeout'] as const) {
      if (options[key] < 1 || options[key] > DAY_MS) complain(key, 'expected more than 0s and at most 1d');
    }
    // What is no URL is complained about by its own rule.
    if (!URL.canParse(options.url)) return;
    if (new URL(options.url).search !== '') complain('url', 'expected no query');
  });

export type SplunkHecOptions = z.output<typeof splunkHecSchema>;
