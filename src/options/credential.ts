import { z } from 'zod';

/** Marks an option as one that is never shown, in JSON Schema's own word for it. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ writeOnly: true });
}

/** A secret in the configuration itself, as `${ENV}` puts it there. */
export function credential(what: string) {
  return secret(z.string().min(1)).optional().describe(`${what} Give it as \${ENV}, never in the file.`);
}

/** The same secret in a file of its own, e.g. a mounted one. */
export function credentialFile(what: string) {
  return z.string().min(1).optional().describe(`File that holds the ${what}.`);
}
