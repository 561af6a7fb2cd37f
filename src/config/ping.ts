import * as z from 'zod';
import { caFile } from '../options/ca-file.ts';
import { credentialFile, secret } from '../options/credential.ts';
import { duration } from '../options/duration.ts';
import { serviceUrl } from '../options/service-url.ts';

/** A monitor of scheduled jobs, in the style of healthchecks.io. */
export const pingSchema = z
  .strictObject({
    url: secret(serviceUrl)
      .optional()
      .describe(
        'Ping URL of the job. Anyone who knows it can report in our name: set it as ${ENV}, never in the file.',
      ),
    url_file: credentialFile('ping URL'),
    announce_start: z
      .boolean()
      .default(true)
      .describe('Also report the start of a run, at URL/start, so that the monitor knows how long it took.'),
    exit_status: z
      .boolean()
      .default(true)
      .describe('Report a failed run by its exit code, for example at URL/4; otherwise at URL/fail.'),
    timeout: duration('3s', { min: '100ms', max: '3s' }).describe(
      'How long to wait for the answer to a ping. This is the most a ping can delay a run.',
    ),
    ca_file: caFile,
  })
  .refine(({ url, url_file: file }) => (url === undefined) !== (file === undefined), {
    path: ['url'],
    error: 'give exactly one of url and url_file',
  });

export type PingOptions = z.output<typeof pingSchema>;
