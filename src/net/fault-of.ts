import { ConfigError, RetryableError } from '../contracts/errors.ts';
import { FAMILY, FAULTS, type FaultRow } from './faults.ts';

/** What a failed connection means: the row of its code. */
export interface NetworkFault extends FaultRow {
  /** Short and stable, and the same under every version of OpenSSL. */
  readonly code: string;
  /** All of it for the operator: what, the code, and what to do. */
  readonly reason: string;
}

/** Connections that ended without a code: Node's words, and those of the proxy agents. */
const BROKEN_OFF = /^(?:aborted|socket hang up|Proxy connection ended)/;

/** OpenSSL's reason, where Node gives nothing but `EPROTO`: `…:SSL routines:ssl3_get_record:wrong version number:…`. */
const REASON = /:SSL routines:[^:]*:([^:]+):/;

/** One name for an alert, whatever version of TLS or OpenSSL words it. */
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
 * What `error` means when it came from a connection, looked for in its causes too; undefined when nothing in it is the
 * network's. Never throws. The reason holds no URL, header or content; a proxy is named without its credentials.
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
