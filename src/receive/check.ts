import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { ReceiveOptions } from '../config/receive.ts';
import { type SpoolPlace, scratchIn, spoolPlace } from '../config/spool.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Finding, Log } from '../contracts/types.ts';
import { bare } from '../net/listening.ts';
import type { Session } from '../session/session.ts';
import { missingFolders, removeEmpty } from '../state/unmade.ts';
import { openSecrets } from './secrets.ts';
import { openSpool } from './spool/open.ts';
import { openCertificate } from './tls.ts';

const quiet = (): void => undefined;
const SILENT: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Checks the receiver's configuration; the receiver need not be running. Yields nothing if none is configured. */
export async function* checkReceiver({ route, context }: Session): AsyncGenerator<Finding> {
  const { receive: options, source } = route.config;
  if (options === undefined) return;
  yield checked('receive secrets', () => {
    const { secret_header: header, secret_files: files } = options;
    openSecrets({ header, files, log: SILENT }).close();
    return `${files.length} accepted in the header ${header}`;
  });
  if (options.tls !== undefined) yield checkCertificate(options.tls);
  else if (!isLoopback(options.listen))
    yield {
      check: 'receive TLS',
      status: 'warning',
      detail: `plain HTTP on ${options.listen}: the secret can be read in transit`,
      fix: 'set receive.tls, or let only a proxy that terminates TLS reach this port',
    };
  yield await checkSpool(spoolPlace(source, options), options.spool_bytes, context);
}

function checked(check: string, look: () => string): Finding {
  try {
    return { check, status: 'ok', detail: look() };
  } catch (error) {
    return { check, status: 'failed', detail: messageOf(error) };
  }
}

function checkCertificate(tls: NonNullable<ReceiveOptions['tls']>): Finding {
  const check = 'receive TLS';
  try {
    const certificate = openCertificate(tls, SILENT);
    certificate.close();
    const { validTo } = new X509Certificate(certificate.context.cert as Buffer);
    if (Date.parse(validTo) > Date.now()) return { check, status: 'ok', detail: `valid until ${validTo}` };
    return {
      check,
      status: 'failed',
      detail: `${tls.cert_file} was valid until ${validTo}`,
      fix: 'renew the certificate',
    };
  } catch (error) {
    return { check, status: 'failed', detail: messageOf(error) };
  }
}

async function checkSpool(
  place: SpoolPlace,
  maxBytes: number,
  context: Session['context'],
): Promise<Finding> {
  const check = 'receive spool';
  if (place.type === 'file' && (await stat(place.path).catch(() => undefined)) === undefined)
    return {
      check,
      status: 'warning',
      detail: `${place.path} does not exist yet`,
      fix: 'nothing to do: receive creates it when it starts; run fails until then',
    };
  const made = place.type === 'file' ? await missingFolders(scratchIn(place.path)) : [];
  try {
    const { spool } = await openSpool(place, maxBytes, context);
    await spool.probe();
    spool.close?.();
    return { check, status: 'ok', detail: `${spool.name} can be written` };
  } catch (error) {
    return { check, status: 'failed', detail: messageOf(error) };
  } finally {
    await removeEmpty(made);
  }
}

function isLoopback(listen: string): boolean {
  const { hostname } = new URL(`tcp://${listen}`);
  const address = bare(hostname);
  return address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}
