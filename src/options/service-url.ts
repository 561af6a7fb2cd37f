import * as z from 'zod';

/**
 * URL of a service. Credentials have options of their own: in a URL they would end up in ledgers, logs and the state.
 */
export const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .refine(holdsNoCredentials, { error: 'expected no credentials in a URL' });

function holdsNoCredentials(text: string): boolean {
  // Text that is not a URL is reported by another rule.
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
