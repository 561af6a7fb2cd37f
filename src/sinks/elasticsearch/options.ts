import { z } from 'zod';
import { duration } from '../../options/duration.ts';
import { serviceUrl } from '../../options/service-url.ts';

const secret = (what: string) => z.string().min(1).optional().describe(what);

/** The options of the sink `elasticsearch`. Imports no client: cheap to load. */
export const elasticsearchSchema = z
  .strictObject({
    type: z
      .literal('elasticsearch')
      .default('elasticsearch')
      .describe('A data stream in Elasticsearch 8 or 9, as ECS.'),
    nodes: z
      .array(serviceUrl)
      .min(1)
      .optional()
      .describe('Base URLs of the cluster’s nodes; requests go round robin, a dead node is left out.'),
    cloud_id: z
      .string()
      .min(1)
      .optional()
      .describe('Cloud ID of an Elastic Cloud deployment, instead of `nodes`.'),
    api_key: secret('API key as Elasticsearch shows it under `encoded` (or `id:key`).'),
    api_key_file: secret('File that holds the API key.'),
    username: z.string().min(1).optional().describe('User for basic authentication.'),
    password: secret('Password of `username`.'),
    password_file: secret('File that holds the password.'),
    ca_file: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file with the only certificate authorities to trust. Default: those of Node.js.'),
    ca_fingerprint: z
      .string()
      .regex(/^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'expected 32 hexadecimal bytes')
      .optional()
      .describe(
        'SHA-256 fingerprint of the cluster’s own certificate authority, which its nodes send along.',
      ),
    namespace: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.]{0,99}$/, 'expected lower-case letters, digits, _ and .')
      .default('default')
      .describe('Last part of the data stream’s name, `logs-stepsecurity.<dataset>-<namespace>`.'),
    compression: z.boolean().default(true).describe('Whether request bodies are sent gzipped.'),
    bulk_bytes: z
      .int()
      .min(1024)
      .max(100 * 2 ** 20)
      .default(5 * 2 ** 20)
      .describe('Most bytes of one bulk request before compression; halved when the server answers 413.'),
    request_timeout: duration('60s').describe('How long a request may stay without an answer.'),
  })
  .superRefine((options, context) => {
    const complain = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if ((options.nodes === undefined) === (options.cloud_id === undefined)) {
      complain('nodes', 'expected exactly one of nodes and cloud_id');
    }
    const keys = [options.api_key, options.api_key_file].filter((value) => value !== undefined).length;
    const passwords = [options.password, options.password_file].filter((value) => value !== undefined).length;
    if (keys > 1) complain('api_key', 'expected only one of api_key and api_key_file');
    if (passwords > 1) complain('password', 'expected only one of password and password_file');
    if (keys > 0 && options.username !== undefined)
      complain('username', 'expected either an API key or a user');
    if (passwords > 0 && options.username === undefined) complain('username', 'expected beside a password');
    if (options.username !== undefined && passwords === 0) complain('password', 'expected beside username');
    if (options.ca_file !== undefined && options.ca_fingerprint !== undefined) {
      complain('ca_fingerprint', 'expected only one of ca_file and ca_fingerprint');
    }
    for (const node of options.nodes ?? []) {
      // What is no URL is complained about by its own rule.
      if (!URL.canParse(node)) continue;
      if (options.ca_fingerprint !== undefined && new URL(node).protocol !== 'https:') {
        complain('ca_fingerprint', 'expected https nodes beside it');
      }
    }
  });

export type ElasticsearchOptions = z.output<typeof elasticsearchSchema>;

/** `logs-stepsecurity.<dataset>-<namespace>` */
export function streamName(dataset: string, namespace: string): string {
  return `logs-stepsecurity.${dataset}-${namespace}`;
}
