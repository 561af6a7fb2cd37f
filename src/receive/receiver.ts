import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { Server as TcpServer } from 'node:net';
import type { ReceiveOptions } from '../config/receive.ts';
import { closed } from '../net/listening.ts';
import type { Session } from '../session/session.ts';
import { createAnswer } from './answer.ts';
import { createBudget } from './body.ts';
import { createClients } from './clients.ts';
import { createCommitter } from './committer.ts';
import { type Counts, createCounts } from './counts.ts';
import { hasSystemdSocket, listenOn } from './listen.ts';
import { openReceiverMetrics } from './metrics.ts';
import { createQuietLog } from './quiet.ts';
import { createReadiness } from './readiness.ts';
import { openSecrets } from './secrets.ts';
import { createReceiver } from './server.ts';
import type { Spool } from './spool/spool.ts';
import { createStatusServer } from './status.ts';
import { openCertificate } from './tls.ts';
import { untilAborted } from './until-aborted.ts';

/** The open servers. */
export interface Receiver {
  /** Addresses, as `host:port`. */
  readonly senders: string;
  readonly status: string;
  readonly counts: Counts;
  readonly server: Server;
  /** From now on it reports not ready, and closes each connection with its answer. */
  stop(): void;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  readonly session: Session;
  readonly options: ReceiveOptions;
  readonly spool: Spool;
  readonly env?: NodeJS.ProcessEnv;
  /** See `CommitterOptions`. */
  readonly groupBytes?: number;
}

/** Opens both ports. Throws `ConfigError` if that is not possible as configured; nothing then stays open. */
export async function openReceiver({
  session,
  options,
  spool,
  env = process.env,
  groupBytes,
}: ReceiverOptions): Promise<Receiver> {
  const { log } = session.context;
  const closing: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one();
  };
  try {
    const quiet = createQuietLog(log);
    const readiness = createReadiness(spool, quiet);
    const counts = createCounts(spool);
    const secrets = openSecrets({ header: options.secret_header, files: options.secret_files, log });
    closing.push(() => secrets.close());
    const certificate = options.tls && openCertificate(options.tls, log);
    if (certificate !== undefined) closing.push(() => certificate.close());
    const instruments = await openReceiverMetrics(session.route, counts, log);
    closing.push(() => instruments.close().catch(() => undefined));
    let isStopping = false;

    const committer = createCommitter({
      spool,
      ...(groupBytes !== undefined && { groupBytes }),
      committed(outcome) {
        counts.committed(outcome);
        readiness.noted(outcome.error);
        instruments.took('receive_commit', outcome.seconds);
      },
    });
    const answer = createAnswer({
      options,
      secrets,
      clients: createClients(options),
      committer,
      budget: createBudget(options.pending_bytes),
      counts,
      took: (seconds) => instruments.took('receive', seconds),
      log,
      quiet,
      isStopping: () => isStopping,
    });
    const refused = (status: number): void => {
      counts.answered(status);
      quiet('warn', `unread ${status}`, { status }, 'a request was refused before it could be read');
    };
    const server = createReceiver({ options, certificate, answer, refused, dropped: () => counts.dropped() });
    certificate?.follow(server as SecureServer);

    const trouble = async (): Promise<string | undefined> => (isStopping ? 'stopping' : readiness.ask());
    const pages = {
      trouble,
      async metrics() {
        counts.ready((await trouble()) === undefined);
        return instruments.text();
      },
    };
    const statusServer = createStatusServer(pages);
    const status = await listenOn(statusServer, 'receive.status_listen', options.status_listen);
    closing.push(() => closed(statusServer));
    const senders = await listenOn(server, 'receive.listen', options.listen, hasSystemdSocket(env));
    return {
      senders,
      status,
      counts,
      server,
      stop: () => void (isStopping = true),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Stops accepting connections and waits for the answers that are owed; false if `abort` came first. */
export async function closeReceiver(receiver: Receiver, abort: AbortSignal): Promise<boolean> {
  const { server } = receiver;
  receiver.stop();
  let isWhole = true;
  // `server.close` would also end the time-outs: a connection that sends nothing would then last until `abort`.
  const ended = new Promise<void>((resolve) => TcpServer.prototype.close.call(server, () => resolve()));
  server.closeIdleConnections();
  await Promise.race([ended, untilAborted(abort).then(() => (isWhole = false))]);
  if (!isWhole) server.closeAllConnections();
  await receiver.close();
  return isWhole;
}
