import * as z from 'zod';
import { MIB } from '../../options/bytes.ts';
import { caFile } from '../../options/ca-file.ts';
import { compression } from '../../options/compression.ts';
import { credential, credentialFile } from '../../options/credential.ts';
import { heartbeat } from '../../options/heartbeat.ts';
import { requestBytes, requestTimeout } from '../../options/request.ts';
import { serviceUrl } from '../../options/service-url.ts';

/** The options of the sink `elasticsearch`. Does not import the client, so it is cheap to load. */
export const elasticsearchSchema = z
  .strictObject({
    type: z
      .literal('elasticsearch')
      .default('elasticsearch')
      .describe('A data stream in Elasticsearch 8 or 9, as ECS.'),
    urls: z
      .array(serviceUrl)
      .min(1)
      .optional()
      .describe(
        'URLs of the cluster’s nodes; requests are distributed round robin, and a dead node is skipped.',
      ),
    cloud_id: z
      .string()
      .min(1)
      .optional()
      .describe('Cloud ID of an Elastic Cloud deployment, instead of `urls`.'),
    api_key: credential('API key as Elasticsearch shows it under `encoded` (or `id:key`).'),
    api_key_file: credentialFile('API key'),
    username: z.string().min(1).optional().describe('User for basic authentication.'),
    password: credential('Password of `username`.'),
    password_file: credentialFile('password'),
    ca_file: caFile,
    ca_fingerprint: z
      .string()
      .regex(/^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'expected 32 hexadecimal bytes')
      .optional()
      .describe(
        'SHA-256 fingerprint of the cluster’s own certificate authority, which its nodes send in their certificate chain.',
      ),
    namespace: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.]{0,99}$/, 'expected lower-case letters, digits, _ and .')
      .default('default')
      .describe('Last part of the data stream’s name, `logs-stepsecurity.<dataset>-<namespace>`.'),
    heartbeat,
    compression,
    request_bytes: requestBytes(5 * MIB, 'halved when the server answers 413.'),
    request_timeout: requestTimeout,
  })
  .superRefine((options, context) => {
    const complain = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if ((options.urls === undefined) === (options.cloud_id === undefined)) {
      complain('urls', 'expected exactly one of urls and cloud_id');
    }
    const keys = [options.api_key, options.api_key_file].filter((value) => value !== undefined).length;
    const passwords = [options.password, options.password_file].filter((value) => value !== undefined).length;
    if (keys > 1) complain('api_key', 'expected only one of api_key and api_key_file');
    if (passwords > 1) complain('password', 'expected only one of password and password_file');
    if (keys > 0 && options.username !== undefined)
      complain('username', 'expected either an API key or a user');
    if (passwords > 0 && options.username === undefined)
      complain('username', 'expected together with a password');
    if (options.username !== undefined && passwords === 0)
      complain('password', 'expected together with username');
    if (options.ca_file !== undefined && options.ca_fingerprint !== undefined) {
      complain('ca_fingerprint', 'expected only one of ca_file and ca_fingerprint');
    }
    for (const url of options.urls ?? []) {
      // Text that is not a URL is reported by another rule.
      if (!URL.canParse(url)) continue;
      if (options.ca_fingerprint !== undefined && new URL(url).protocol !== 'https:') {
        complain('ca_fingerprint', 'requires https URLs');
      }
    }
  });

export type ElasticsearchOptions = z.output<typeof elasticsearchSchema>;

/** `logs-stepsecurity.<dataset>-<namespace>` */
export function streamName(dataset: string, namespace: string): string {
  return `logs-stepsecurity.${dataset}-${namespace}`;
}

/** For heartbeats. The name matches no pattern for detections: neither ours nor that of a rule over `logs-*`. */
export function feedStreamName(namespace: string): string {
  return `metrics-stepsecurity.feed-${namespace}`;
}
