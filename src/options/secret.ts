import { readFileSync } from 'node:fs';
import { ConfigError } from '../contracts/errors.ts';
import { rememberSecret } from '../text/own-secrets.ts';
import { whyUnreadable } from '../text/unreadable.ts';

/** A control character inside a credential: a second line, a tab, a NUL. */
export const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Removes the byte order mark and line endings that editors and Kubernetes secrets add. Spaces may be intentional, so
 * they stay.
 */
export function withoutLineEnd(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
}

/**
 * Reads a secret from a file. Throws `ConfigError`, naming the key and the file but never the content, when the file
 * cannot be read, is empty, or holds more than one line.
 */
export function readSecret(key: string, file: string): string {
  let text: string;
  try {
    text = withoutLineEnd(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${key} ${file}: cannot be read: ${whyUnreadable(error)}`, { cause: error });
  }
  return checkedSecret(`${key} ${file}`, text);
}

/** Returns `text` if it can be sent as a credential; otherwise throws `ConfigError`, naming `where`. */
export function checkedSecret(where: string, text: string): string {
  const clean = withoutLineEnd(text);
  if (clean === '') throw new ConfigError(`${where}: is empty; expected only the secret`);
  if (CONTROL.test(clean) || clean.includes('\uFFFD'))
    throw new ConfigError(
      `${where}: contains control characters or is not UTF-8; expected only the secret, on one line`,
    );
  return rememberSecret(clean);
}
