import { EXIT } from '../account/exit.ts';
import type { ReceiveOptions } from '../config/receive.ts';
import type { Route } from '../config/route.ts';
import { spoolPlace } from '../config/spool.ts';
import { ConfigError } from '../contracts/errors.ts';
import { openSession, type Session } from '../session/session.ts';
import { deliver } from './delivery.ts';
import { closeReceiver, openReceiver, type Receiver } from './receiver.ts';
import { openSpool } from './spool/open.ts';
import { tidied } from './tidied.ts';
import { untilAborted } from './until-aborted.ts';

export interface ReceiveSetup {
  readonly route: Route;
  /** `run --follow` in the same process, for `--deliver`. */
  readonly run?: (() => Promise<number>) | undefined;
  /** Called once it listens. */
  readonly listening?: (receiver: Pick<Receiver, 'senders' | 'status'>) => void;
}

/**
 * Accepts the vendor's POSTs until it is told to stop, and returns the exit code. Throws `ConfigError` and
 * `UnavailableError` before it listens; after that, only a signal ends it.
 */
export async function receive(setup: ReceiveSetup): Promise<number> {
  const { route } = setup;
  const options = route.config.receive;
  if (options === undefined)
    throw new ConfigError(
      'receive: required for this command, expected at least { secret_files: [ … ] }; see docs/webhook.md',
    );
  const session = openSession(route);
  try {
    return await whileListening(setup, options, session);
  } finally {
    session.close();
  }
}

async function whileListening(
  { route, run, listening }: ReceiveSetup,
  options: ReceiveOptions,
  session: Session,
): Promise<number> {
  const { context, signals } = session;
  const { log } = context;
  const place = spoolPlace(route.config.source, options);
  const { spool, folder } = await openSpool(place, options.spool_bytes, context);
  try {
    // Missing permissions are better found before the first request.
    await spool.probe();
    const receiver = await openReceiver({ session, options, spool });
    const { counts } = receiver;
    const tidying = folder && tidied({ session, folder, options, counts });
    log.info({ senders: receiver.senders, status: receiver.status, spool: spool.name }, 'accepting requests');
    listening?.(receiver);
    const delivery = run && deliver({ run, stop: signals.stop, log, running: (is) => counts.delivering(is) });
    await untilAborted(signals.stop);
    log.info({}, 'no longer accepting requests; finishing those in progress');
    const isWhole = await closeReceiver(receiver, signals.abort);
    await tidying?.close();
    await delivery;
    if (!isWhole) log.warn({}, 'requests in progress were cut off; none of them was answered');
    return isWhole ? EXIT.ok : EXIT.unavailable;
  } finally {
    spool.close?.();
  }
}
