import { z } from 'zod';

/** For everything that speaks TLS: `makeAgents` has one meaning of it. */
export const caFile = z
  .string()
  .min(1)
  .optional()
  .describe(
    'PEM file with the only certificate authorities to trust, those of Node.js not among them: of the service, and of a proxy reached by https. Default: those of Node.js and of NODE_EXTRA_CA_CERTS.',
  );
