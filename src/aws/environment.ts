import { homedir } from 'node:os';
import { ConfigError } from '../contracts/errors.ts';
import { CONTROL, withoutLineEnd } from '../options/secret.ts';
import { rememberSecret } from '../text/own-secrets.ts';

/** Variables that hold a credential; ids of keys are none. */
const SECRET = /(?:SECRET_ACCESS_KEY|SESSION_TOKEN|AUTHORIZATION_TOKEN)$/;

/**
 * Takes the line end and the byte order mark off every `AWS_…` variable, which the SDK reads as they are: a secret
 * written by an editor or `kubectl create secret --from-file` has them, and signs every request wrongly. Throws
 * `ConfigError` naming a variable with control characters inside. Sets HOME where neither it nor the system's list of
 * users names a home folder.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv, home: () => string = homedir): void {
  giveHome(env, home);
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('AWS_') || value === undefined) continue;
    const clean = withoutLineEnd(value);
    if (CONTROL.test(clean)) {
      throw new ConfigError(
        `${name}: holds control characters; set the variable to the value alone, on one line`,
      );
    }
    if (clean !== value) env[name] = clean;
    if (SECRET.test(name)) rememberSecret(clean);
  }
}

/**
 * The SDK looks for a profile in the home folder, and fails where there is none: in a container, under a user id that it
 * has no entry for. Container engines set `/` then.
 */
function giveHome(env: NodeJS.ProcessEnv, home: () => string): void {
  try {
    home();
  } catch {
    env['HOME'] ??= '/';
  }
}
