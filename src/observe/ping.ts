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
  /** A run begins to read. Not waited for. */
  begins(): void;
  /** A pass of a run that goes on ended like this. Not waited for; the same is told at most once a minute. */
  alive(exitCode: number): void;
  /**
   * The run ended; resolves when that is told, or given up. Never rejects. A run that met another one says nothing: the
   * other tells of itself, and nothing is wrong.
   */
  ended(exitCode: number): Promise<void>;
}

const REPLY_BYTES = 64 * 1_024;
const ALIVE_INTERVAL_MS = 60_000;
/** What a ping that is under way still gets at the end, so that a run of milliseconds has a beginning too. */
const LAST_WAIT_MS = 1_000;

/** Tells a monitor of scheduled jobs. A ping that fails is a warning, without the URL: who knows it can ping too. */
export function createPing(options: PingOptions, log: Log): Ping {
  const base = new URL(options.url ?? readSecret('ping.url_file', options.url_file ?? ''));
  rememberSecret(base.href);
  // Of the path, what is no word: a UUID, a key.
  for (const part of base.pathname.split('/')) if (/\d/.test(part) || part.length > 16) rememberSecret(part);
  const agents = createAgents({ caFile: options.ca_file });
  // A late answer to an earlier ping must not come after the last one.
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
