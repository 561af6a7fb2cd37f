import { homedir } from 'node:os';
import { ConfigError } from '../contracts/errors.ts';
import { CONTROL, withoutLineEnd } from '../options/secret.ts';
import { rememberSecret } from '../text/own-secrets.ts';

/** Variables that hold a credential; key ids are not secret. */
const SECRET = /(?:SECRET_ACCESS_KEY|SESSION_TOKEN|AUTHORIZATION_TOKEN)$/;

/**
 * Removes the line ending and the byte order mark from every `AWS_…` variable, since the SDK uses them as they are:
 * a secret written by an editor or `kubectl create secret --from-file` has them, and every request would get a
 * wrong signature. Throws `ConfigError` naming a variable with control characters inside. Sets HOME if neither it
 * nor the system's user database gives a home folder.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv, home: () => string = homedir): void {
  giveHome(env, home);
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('AWS_') || value === undefined) continue;
    const clean = withoutLineEnd(value);
    if (CONTROL.test(clean)) {
      throw new ConfigError(
        `${name}: contains control characters; set the variable to just the value, on one line`,
      );
    }
    if (clean !== value) env[name] = clean;
    if (SECRET.test(name)) rememberSecret(clean);
  }
}

/**
 * The SDK looks for a profile in the home folder, and fails if there is none: in a container, running as a user id
 * without an entry. Container engines use `/` in this case.
 */
function giveHome(env: NodeJS.ProcessEnv, home: () => string): void {
  try {
    home();
  } catch {
    env['HOME'] ??= '/';
  }
}
