import { readFileSync } from 'node:fs';
import { ConfigError } from '../contracts/errors.ts';
import { rememberSecret } from '../text/own-secrets.ts';
import { whyUnreadable } from '../text/unreadable.ts';

/** A control character inside a credential: a second line, a tab, a NUL. */
export const CONTROL = /[\u0000-\u001f\u007f]/;

/** Without the byte order mark and the line ends that editors and Kubernetes secrets add. Blanks may be meant: they stay. */
export function withoutLineEnd(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
}

/**
 * The secret that a file holds. Throws `ConfigError`, naming the key and the file but nothing of the content, when it
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

/** `text` where it can be sent as a credential; else throws `ConfigError` under the name `where`. */
export function checkedSecret(where: string, text: string): string {
  const clean = withoutLineEnd(text);
  if (clean === '') throw new ConfigError(`${where}: is empty; expected the secret alone`);
  if (CONTROL.test(clean) || clean.includes('\uFFFD'))
    throw new ConfigError(
      `${where}: holds control characters or is not UTF-8; expected the secret alone, on one line`,
    );
  return rememberSecret(clean);
}
