import { z } from 'zod';

/** A secret in the configuration itself, as `${ENV}` puts it there. */
export function credential(what: string) {
  return z.string().min(1).optional().describe(`${what} Give it as \${ENV}, never in the file.`);
}

/** The same secret in a file of its own, e.g. a mounted one. */
export function credentialFile(what: string) {
  return z.string().min(1).optional().describe(`File that holds the ${what}.`);
}
