import { z } from 'zod';

/**
 * Address of a service. Credentials have options of their own: what stands in a URL would end up in ledgers, logs and
 * the state.
 */
export const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .refine(holdsNoCredentials, { error: 'expected no credentials in a URL' });

function holdsNoCredentials(text: string): boolean {
  // What is no URL is complained about by its own rule.
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
