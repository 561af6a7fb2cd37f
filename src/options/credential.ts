import * as z from 'zod';

/** Marks an option as one that is never shown, using JSON Schema's own keyword. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ writeOnly: true });
}

/** A secret in the configuration itself, filled in from `${ENV}`. */
export function credential(what: string) {
  return secret(z.string().min(1)).optional().describe(`${what} Set it as \${ENV}, never in the file.`);
}

/** The same secret in a separate file, for example a mounted one. */
export function credentialFile(what: string) {
  return z.string().min(1).optional().describe(`File that contains the ${what}.`);
}
