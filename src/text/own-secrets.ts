/** Credentials this program was given. They are nobody's rule to find: a HEC token looks like any UUID. */
const OWN = new Set<string>();
/** A shorter one may be a part of any word. */
const SHORTEST = 8;

/** Remembers a credential for as long as the program runs, and gives it back. */
export function rememberSecret(secret: string): string {
  if (secret.length >= SHORTEST) OWN.add(secret);
  return secret;
}

/** Text without them: some servers quote what they were sent. */
export function withoutOwnSecrets(text: string): string {
  let clean = text;
  for (const secret of OWN) clean = clean.replaceAll(secret, '[REDACTED:own-credential]');
  return clean;
}
