import type { ReceiveOptions } from '../config/receive.ts';
import { messageOf } from '../contracts/errors.ts';
import type { Session } from '../session/session.ts';
import type { Counts } from './counts.ts';
import { createRetention } from './retention.ts';
import type { FolderSpool } from './spool/folder.ts';

const EVERY_MS = 60_000;

export interface TidiedOptions {
  readonly session: Session;
  readonly folder: FolderSpool;
  readonly options: Pick<ReceiveOptions, 'delivered_ttl' | 'spool_bytes'>;
  readonly counts: Pick<Counts, 'removed'>;
  readonly everyMs?: number;
}

/** Tidies the spool's folder from time to time: measures it and removes delivered files. */
export function tidied({ session, folder, options, counts, everyMs = EVERY_MS }: TidiedOptions): {
  close(): Promise<void>;
} {
  const { log } = session.context;
  const { delivered_ttl: keepMs, spool_bytes: maxBytes } = options;
  const retention = createRetention({ session, folder, keepMs, maxBytes });
  if (session.route.config.state === undefined)
    log.warn(
      {},
      'no file will be removed from the spool: without a state, it is not known which ones are delivered',
    );
  let under: Promise<void> | undefined;
  const sweep = async (): Promise<void> => {
    try {
      counts.removed(await retention.sweep());
    } catch (error) {
      // The checkpoint may have been saved at that moment; next time it is read consistently.
      log.warn({ reason: messageOf(error) }, 'the spool could not be tidied; the next try is in a minute');
    } finally {
      under = undefined;
    }
  };
  const start = (): void => {
    under ??= sweep();
  };
  start();
  const timer = setInterval(start, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await under;
    },
  };
}
