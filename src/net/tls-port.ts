import { connect } from 'node:tls';
import { faultOf } from './fault-of.ts';
import { bare } from './listening.ts';

const PROBE_MS = 3_000;

/** What was found out about each origin, for the lifetime of the process: each is probed once. */
const known = new Map<string, Promise<boolean>>();

/**
 * The error of a failed plain request or, if the port turns out to speak TLS, an error that says so. A server hangs up
 * silently on `http` sent to a TLS port, like a server that is shutting down, so this probes it once; not through a
 * proxy.
 */
export async function explained(error: unknown, url: URL, direct: boolean): Promise<unknown> {
  if (url.protocol !== 'http:' || !direct) return error;
  const code = faultOf(error)?.code ?? '';
  if (code !== 'ECONNRESET' && code !== 'EPIPE' && !code.startsWith('HPE_')) return error;
  let answer = known.get(url.origin);
  if (answer === undefined) {
    answer = speaksTls(url);
    known.set(url.origin, answer);
  }
  if (!(await answer)) return error;
  return Object.assign(new Error('the port speaks TLS', { cause: error }), { code: 'TLS_PORT' });
}

function speaksTls({ hostname, port }: URL): Promise<boolean> {
  const host = bare(hostname);
  return new Promise((resolve) => {
    // Nothing is sent but the TLS greeting, so it does not matter who answers.
    const socket = connect({ host, port: Number(port || 80), rejectUnauthorized: false });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => done(false));
    socket.once('secureConnect', () => done(true));
    // An alert is TLS as well: the server requires a client certificate, or another version.
    socket.once('error', (error) => done(faultOf(error)?.code.startsWith('TLS_ALERT_') ?? false));
    socket.once('close', () => done(false));
  });
}
