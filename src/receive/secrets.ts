import { hash, timingSafeEqual } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { ConfigError, messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { readSecret } from '../options/secret.ts';

/** Shorter ones could be guessed over the network. */
const SHORTEST = 16;
const SCHEME = /^bearer +/i;

export interface Secrets {
  /** Whether a request carries one of them. Takes the same time for any value, whichever part of it is right. */
  accepts(headers: IncomingHttpHeaders): boolean;
  close(): void;
}

interface SecretsOptions {
  readonly header: string;
  readonly files: readonly string[];
  readonly log: Log;
  readonly pollMs?: number;
}

/** Reads the secrets, and reads them again when a file changes. Throws `ConfigError` for an invalid one. */
export function openSecrets({ header, files, log, pollMs = 2_000 }: SecretsOptions): Secrets {
  const read = (): Buffer[] => files.map(digestOf);
  let digests = read();
  const reread = (): void => {
    try {
      digests = read();
      log.info({ files: files.length }, 'the secrets were read again');
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'a secret cannot be read again; the previous ones stay valid');
    }
  };
  for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, reread);
  return {
    accepts(headers) {
      const value = headers[header];
      const given = sha256(typeof value === 'string' ? value.replace(SCHEME, '') : '');
      let found = 0;
      for (const digest of digests) found |= Number(timingSafeEqual(digest, given));
      return found === 1 && value !== undefined;
    },
    close() {
      for (const file of files) unwatchFile(file, reread);
    },
  };
}

function digestOf(file: string): Buffer {
  const secret = readSecret('receive.secret_files', file).replace(SCHEME, '');
  if (secret.length < SHORTEST)
    throw new ConfigError(
      `receive.secret_files ${file}: has fewer than ${SHORTEST} characters; create one with: openssl rand -hex 32`,
    );
  return sha256(secret);
}

/** The same length for any input, so that a comparison reveals nothing about it. */
function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
