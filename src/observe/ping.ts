import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../account/exit.ts';
import type { PingOptions } from '../config/ping.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Log } from '../contracts/types.ts';
import { createAgents } from '../net/agents.ts';
import { httpRequest } from '../net/http.ts';
import { readSecret } from '../options/secret.ts';
import { rememberSecret } from '../text/own-secrets.ts';

export interface Ping {
  /** A run begins to read. Does not wait. */
  begins(): void;
  /** A pass of a continuing run ended with this code. Does not wait; repeats the same code at most once a minute. */
  alive(exitCode: number): void;
  /**
   * The run ended; resolves once that has been reported or given up on. Never rejects. A run that found another one
   * active reports nothing: the other one reports for itself, and nothing is wrong.
   */
  ended(exitCode: number): Promise<void>;
}

const REPLY_BYTES = 64 * 1_024;
const ALIVE_INTERVAL_MS = 60_000;
/** How long the end of a run waits for a ping in flight, so that even a run of milliseconds reports its start. */
const LAST_WAIT_MS = 1_000;

/**
 * Reports to a monitor of scheduled jobs. A failed ping is a warning, without the URL: anyone who knows it can ping
 * too.
 */
export function createPing(options: PingOptions, log: Log): Ping {
  const base = new URL(options.url ?? readSecret('ping.url_file', options.url_file ?? ''));
  rememberSecret(base.href);
  // Parts of the path that are not plain words, such as a UUID or a key, are secrets.
  for (const part of base.pathname.split('/')) if (/\d/.test(part) || part.length > 16) rememberSecret(part);
  const agents = createAgents({ caFile: options.ca_file });
  // A late answer to an earlier ping must not arrive after the last one.
  let pending = new AbortController();
  let told = { at: 0, exitCode: -1 };
  let sent: Promise<void> = Promise.resolve();

  const pathOf = (exitCode: number): string => {
    if (exitCode === EXIT.ok) return '';
    return options.exit_status ? `/${exitCode}` : '/fail';
  };

  const send = async (path: string): Promise<void> => {
    pending.abort();
    pending = new AbortController();
    const { signal } = pending;
    const url = new URL(base);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    try {
      const { status } = await httpRequest({
        url,
        headers: { 'user-agent': 'stepsecurity-siem' },
        agent: url.protocol === 'https:' ? agents.https : agents.http,
        direct: agents.direct(url),
        timeoutMs: options.timeout,
        maxBytes: REPLY_BYTES,
        signal,
      });
      if (status >= 300) log.warn({ host: base.host, status }, 'the ping was refused: see ping.url');
    } catch (error) {
      if (!signal.aborted)
        log.warn({ host: base.host, reason: messageOf(error) }, 'the ping was not answered');
    }
  };

  return {
    begins() {
      if (options.announce_start) sent = send('/start');
    },
    alive(exitCode) {
      if (exitCode === told.exitCode && Date.now() - told.at < ALIVE_INTERVAL_MS) return;
      told = { at: Date.now(), exitCode };
      sent = send(pathOf(exitCode));
    },
    async ended(exitCode) {
      await Promise.race([sent, sleep(LAST_WAIT_MS, undefined, { ref: false })]);
      if (exitCode !== EXIT.lease) await send(pathOf(exitCode));
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
