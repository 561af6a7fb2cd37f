/** Credentials this program was given, each with its spellings. They are nobody's rule to find: a HEC token looks like any UUID. */
const OWN = new Map<string, readonly string[]>();
/** Temporary ones, the oldest first. */
const PASSING: string[] = [];
/** A shorter one may be a part of any word. */
const SHORTEST = 8;
/** Temporary credentials that may still be in flight. */
const MOST_PASSING = 8;

/** Remembers a credential for as long as the program runs, and gives it back. */
export function rememberSecret(secret: string): string {
  if (secret.length >= SHORTEST && !OWN.has(secret)) OWN.set(secret, spellingsOf(secret));
  return secret;
}

/** The same for one that is replaced every hour or so, until several others have followed it. */
export function rememberPassingSecret(secret: string): void {
  if (OWN.has(secret)) return;
  rememberSecret(secret);
  PASSING.push(secret);
  if (PASSING.length > MOST_PASSING) OWN.delete(PASSING.shift() ?? '');
}

/** As it is, within JSON, within a URL, and in base64. */
function spellingsOf(secret: string): readonly string[] {
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
}

/** Text without them: some servers quote what they were sent. */
export function withoutOwnSecrets(text: string): string {
  let clean = text;
  for (const spellings of OWN.values())
    for (const spelling of spellings) clean = clean.replaceAll(spelling, '[REDACTED:own-credential]');
  return clean;
}
