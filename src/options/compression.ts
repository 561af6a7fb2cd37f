import { z } from 'zod';

/** How the bodies of requests are sent. */
export const compression = z
  .enum(['gzip', 'none'])
  .default('gzip')
  .describe('How request bodies are sent. Every destination takes gzip; a gateway in between may not.');
