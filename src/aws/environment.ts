import { ConfigError } from '../contracts/errors.ts';
import { CONTROL, withoutLineEnd } from '../options/secret.ts';
import { rememberSecret } from '../text/own-secrets.ts';

/** Variables that hold a credential; ids of keys are none. */
const SECRET = /(?:SECRET_ACCESS_KEY|SESSION_TOKEN|AUTHORIZATION_TOKEN)$/;

/**
 * Takes the line end and the byte order mark off every `AWS_…` variable, which the SDK reads as they are: a secret
 * written by an editor or `kubectl create secret --from-file` has them, and signs every request wrongly. Throws
 * `ConfigError` naming a variable with control characters inside.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv): void {
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
