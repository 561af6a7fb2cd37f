import * as z from 'zod';

/** Shared by everything that speaks TLS, because `makeAgents` gives it one meaning. */
export const caFile = z
  .string()
  .min(1)
  .optional()
  .describe(
    'PEM file with the only certificate authorities to trust, for the service and for an HTTPS proxy; those of Node.js are then not used. Default: those of Node.js and NODE_EXTRA_CA_CERTS.',
  );
