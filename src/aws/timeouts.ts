/** How long a server may take, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** Until the reply's head arrives; also the time allowed for each few kilobytes of its body. */
  readonly replyMs: number;
  /**
   * Silence on a socket. A body that is not read for that long (the sink is down) is closed too; its reader opens
   * it again.
   */
  readonly idleMs: number;
}

const CONNECT_MS = 10_000;
const IDLE_MS = 120_000;

export function timeoutsOf(replyMs: number): Timeouts {
  // The socket is silent until the reply arrives.
  return { connectMs: Math.min(CONNECT_MS, replyMs), replyMs, idleMs: Math.max(IDLE_MS, 2 * replyMs) };
}
