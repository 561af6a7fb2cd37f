import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server as SecureServer } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ReceiveOptions } from '../config/receive.ts';
import { ConfigError, messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { whyUnreadable } from '../text/unreadable.ts';

type TlsOptions = NonNullable<ReceiveOptions['tls']>;

export interface Certificate {
  readonly context: SecureContextOptions;
  /** Gives the server each new certificate; open connections keep theirs. */
  follow(server: Pick<SecureServer, 'setSecureContext'>): void;
  close(): void;
}

/** Reads certificate and key. Throws `ConfigError` if they cannot be read or do not belong together. */
export function openCertificate(options: TlsOptions, log: Log, pollMs = 2_000): Certificate {
  const { cert_file: certFile, key_file: keyFile } = options;
  const files = [certFile, keyFile];
  const read = (): SecureContextOptions => {
    const context: SecureContextOptions = {
      cert: readPem('receive.tls.cert_file', certFile),
      key: readPem('receive.tls.key_file', keyFile),
      minVersion: 'TLSv1.2',
    };
    try {
      createSecureContext(context);
    } catch (error) {
      throw new ConfigError(
        `receive.tls: ${certFile} and ${keyFile} are not a PEM certificate and its private key (${messageOf(error)})`,
        { cause: error },
      );
    }
    return context;
  };
  const context = read();
  let reread: (() => void) | undefined;
  return {
    context,
    follow(server) {
      reread = () => {
        try {
          server.setSecureContext(read());
          log.info({ cert_file: certFile }, 'the certificate was read again');
        } catch (error) {
          // One of the two files changes first: the other change follows.
          log.warn(
            { reason: messageOf(error) },
            'the certificate changed and cannot be used; the previous one stays in use',
          );
        }
      };
      for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, reread);
    },
    close() {
      if (reread !== undefined) for (const file of files) unwatchFile(file, reread);
    },
  };
}

function readPem(key: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError(`${key} ${file}: cannot be read: ${whyUnreadable(error)}`, { cause: error });
  }
}
