import * as z from 'zod';
import type { Document } from '../../contracts/types.ts';
import { caFile } from '../../options/ca-file.ts';
import { compression } from '../../options/compression.ts';
import { concurrency } from '../../options/concurrency.ts';
import { credentialFile, secret } from '../../options/credential.ts';
import { durationIfGiven } from '../../options/duration.ts';
import { heartbeat } from '../../options/heartbeat.ts';
import { refuseMeaningless } from '../../options/meaningless.ts';
import { requestBytes, requestTimeout } from '../../options/request.ts';
import { serviceUrl } from '../../options/service-url.ts';

export const SOURCETYPE = 'stepsecurity:harden_runner:detection';
/** Source types of events that are not findings, by role: the add-on recognizes these only by their source type. */
export const ROLE_SOURCETYPES: Readonly<Record<NonNullable<Document['role']>, string>> = {
  activity: 'stepsecurity:harden_runner:activity',
  state_change: 'stepsecurity:harden_runner:state_change',
};

const ACK_TIMEOUT_MS = 120_000;
const ACK_INTERVAL_MS = 2_000;

/** Options of the sink `splunk_hec`. Imports no client: cheap to load. */
export const splunkHecSchema = z
  .strictObject({
    type: z
      .literal('splunk_hec')
      .default('splunk_hec')
      .describe('Documents in CIM, to the HTTP Event Collector of Splunk.'),
    url: serviceUrl.describe('URL of the HTTP Event Collector, e.g. https://splunk.example:8088.'),
    token: secret(z.string().regex(/^\uFEFF?\S+\s*$/, 'must be one token, without spaces'))
      .optional()
      .describe(
        'HEC token. Set it as ${ENV}, never in the file. Without it and token_file: the environment variable SPLUNK_HEC_TOKEN.',
      ),
    token_file: credentialFile('HEC token'),
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
        `Splunk sourcetype of detections. The add-on only knows the default; activities and changes of state have their own: ${Object.values(ROLE_SOURCETYPES).join(', ')}.`,
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
        'Count an event as delivered only once the indexer has acknowledged it. Splunk Cloud offers this for Firehose only.',
      ),
    ack_timeout: durationIfGiven('2m', { min: '1ms', max: '1d' }).describe(
      'How long to wait for an acknowledgement before sending again.',
    ),
    ack_interval: durationIfGiven('2s', { min: '1ms', max: '1d' }).describe(
      'Time between two queries for acknowledgements.',
    ),
    channel: z
      .guid()
      .optional()
      .describe('Channel GUID. Default with ack: a new one per process; two processes must never share one.'),
    heartbeat,
    request_bytes: requestBytes(800_000, 'HEC’s own limit is often 1 MB.'),
    request_concurrency: concurrency(4, 64).describe('Concurrent requests.'),
    compression,
    ca_file: caFile,
    request_timeout: requestTimeout,
  })
  .superRefine((options, context) => {
    const complain = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (options.token !== undefined && options.token_file !== undefined) {
      complain('token', 'expected only one of token and token_file');
    }
    if (!options.ack) refuseMeaningless(options, ['ack_timeout', 'ack_interval'], 'without ack', context);
    // If it is not a URL, another rule reports that.
    if (!URL.canParse(options.url)) return;
    if (new URL(options.url).search !== '') complain('url', 'expected no query');
  })
  .transform(({ ack_timeout = ACK_TIMEOUT_MS, ack_interval = ACK_INTERVAL_MS, ...options }) => ({
    ...options,
    ack_timeout,
    ack_interval,
  }));

export type SplunkHecOptions = z.output<typeof splunkHecSchema>;
