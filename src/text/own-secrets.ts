/**
 * Credentials given to this program, each with its spellings. No redaction rule could find them: a HEC token looks like
 * any UUID.
 */
const OWN = new Map<string, readonly string[]>();
/** Temporary credentials, oldest first. */
const PASSING: string[] = [];
/** Anything shorter may be part of an ordinary word. */
const SHORTEST = 8;
/** Temporary credentials that may still be in flight. */
const MOST_PASSING = 8;

/** Remembers a credential for as long as the program runs, and returns it. */
export function rememberSecret(secret: string): string {
  if (secret.length >= SHORTEST && !OWN.has(secret)) OWN.set(secret, spellingsOf(secret));
  return secret;
}

/** The same for a credential that is replaced every hour or so; it is forgotten after several newer ones. */
export function rememberPassingSecret(secret: string): void {
  if (OWN.has(secret)) return;
  rememberSecret(secret);
  PASSING.push(secret);
  if (PASSING.length > MOST_PASSING) OWN.delete(PASSING.shift() ?? '');
}

/** As is, inside JSON, inside a URL, and in base64. */
function spellingsOf(secret: string): readonly string[] {
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
}

/** Removes these secrets from a text, because some servers quote what they were sent. */
export function withoutOwnSecrets(text: string): string {
  let clean = text;
  for (const spellings of OWN.values())
    for (const spelling of spellings) clean = clean.replaceAll(spelling, '[REDACTED:own-credential]');
  return clean;
}
