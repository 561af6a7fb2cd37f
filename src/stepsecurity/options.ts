import * as z from 'zod';
import { caFile } from '../options/ca-file.ts';
import { credential, credentialFile } from '../options/credential.ts';
import { requestTimeout } from '../options/request.ts';
import { serviceUrl } from '../options/service-url.ts';

/** Options shared by everything that calls the StepSecurity API. */
export const apiConnectionShape = {
  url: serviceUrl
    .default('https://agent.api.stepsecurity.io/v1')
    .describe('URL of the StepSecurity API, with its version.'),
  api_key: credential('API key.'),
  api_key_file: credentialFile(
    'API key, read again when the key is refused, so that a rotated one is picked up',
  ),
  max_requests_per_second: z
    .number()
    .min(0.1)
    .max(1_000)
    .default(10)
    .describe('For all requests made with this key together.'),
  request_timeout: requestTimeout,
  ca_file: caFile,
};

export type ApiConnection = z.output<z.ZodObject<typeof apiConnectionShape>>;

/** For `refine`. */
export function hasOneKey({ api_key: key, api_key_file: file }: Partial<ApiConnection>): boolean {
  return (key === undefined) !== (file === undefined);
}

export const ONE_KEY = { path: ['api_key'], error: 'give exactly one of api_key and api_key_file' };
