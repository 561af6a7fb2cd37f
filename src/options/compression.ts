import * as z from 'zod';

/** How request bodies are sent. */
export const compression = z
  .enum(['gzip', 'none'])
  .default('gzip')
  .describe('How request bodies are sent. Every destination accepts gzip; a gateway in between may not.');
