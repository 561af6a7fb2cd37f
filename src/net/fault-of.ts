import { ConfigError, RetryableError } from '../contracts/errors.ts';
import { FAMILY, FAULTS, type FaultRow } from './faults.ts';

/** What a failed connection means: the table row for its code. */
export interface NetworkFault extends FaultRow {
  /** Short, stable, and the same for every version of OpenSSL. */
  readonly code: string;
  /** The whole message for the operator: what happened, the code, and what to do. */
  readonly reason: string;
}

/** Connections that ended without a code, in Node's words and those of the proxy agents. */
const BROKEN_OFF = /^(?:aborted|socket hang up|Proxy connection ended)/;

/** OpenSSL's reason, for when Node only gives `EPROTO`: `…:SSL routines:ssl3_get_record:wrong version number:…`. */
const REASON = /:SSL routines:[^:]*:([^:]+):/;

/** One name per alert, however the version of TLS or OpenSSL spells it. */
const ALERT = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_ALERT_/;

function codeOf(error: Error): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return BROKEN_OFF.test(message) ? 'ECONNRESET' : undefined;
  const [, reason] = (code === 'EPROTO' && REASON.exec(message)) || [];
  const named = reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
  return named.replace(ALERT, 'TLS_ALERT_');
}

function rowOf(code: string): FaultRow | undefined {
  if (Object.hasOwn(FAULTS, code)) return FAULTS[code];
  if (FAMILY.test(code) || code === 'EPROTO') return { whose: 'world', what: 'the connection failed' };
  return undefined;
}

/**
 * What `error` means if it came from a connection; its causes are searched too. Undefined if none of them is a network
 * error. Never throws. The reason contains no URL, header or content; a proxy is named without its credentials.
 */
export function faultOf(error: unknown): NetworkFault | undefined {
  let next = error;
  for (let depth = 0; depth < 5 && next instanceof Error; depth += 1) {
    const code = codeOf(next);
    const row = code === undefined ? undefined : rowOf(code);
    if (code !== undefined && row !== undefined) return { ...row, code, reason: reasonOf(code, row, next) };
    next = next.cause;
  }
  return undefined;
}

function reasonOf(code: string, { what, fix }: FaultRow, error: Error): string {
  const by = 'proxy' in error && typeof error.proxy === 'string' ? `through the proxy ${error.proxy}: ` : '';
  return `${by}${what} (${code})${fix === undefined ? '' : `; ${fix}`}`;
}

/** The error to throw for a fault: `ConfigError` to stop, `RetryableError` to wait. `what` names the other side. */
export function faultError(fault: NetworkFault, what: string, cause: unknown): ConfigError | RetryableError {
  const message = `${what}: ${fault.reason}`;
  return fault.whose === 'operator'
    ? new ConfigError(message, { cause })
    : new RetryableError(message, { cause });
}
