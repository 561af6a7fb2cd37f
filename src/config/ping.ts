import { z } from 'zod';
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
        'Ping URL of the job. Whoever knows it can report in our name: give it as ${ENV}, never in the file.',
      ),
    url_file: credentialFile('ping URL'),
    announce_start: z
      .boolean()
      .default(true)
      .describe(
        'Say when a run begins, under /start below the URL; the monitor then knows how long it took.',
      ),
    exit_status: z
      .boolean()
      .default(true)
      .describe('A failed run is told under its exit code below the URL, as in /4. Otherwise under /fail.'),
    timeout: duration('3s', { min: '100ms', max: '3s' }).describe(
      'A ping without an answer is given up after this; the run does not wait longer for it.',
    ),
    ca_file: caFile,
  })
  .refine(({ url, url_file: file }) => (url === undefined) !== (file === undefined), {
    path: ['url'],
    error: 'give exactly one of url and url_file',
  });

export type PingOptions = z.output<typeof pingSchema>;
