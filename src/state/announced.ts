/**
 * An upper bound of the documents that were sent and are not in the checkpoint: what a run that is killed now leaves to be
 * sent again. It is raised in the checkpoint ahead of what is sent, by more than is needed, so that few documents wait.
 */
export interface Announced {
  /** So many more are about to be sent. Undefined when the checkpoint allows for them already. */
  announce(count: number): Promise<void> | undefined;
  /** Of these it is known that they did not arrive. */
  withdraw(count: number): void;
  /** Batches with so many documents were acknowledged: the next save covers them. */
  settle(count: number): void;
  readonly settled: number;
  /**
   * For a save that begins now: what it writes, and what to do once it is written. It covers `accounted` documents.
   * `last`: nothing more is sent.
   */
  saving(accounted: number, last: boolean): { readonly unsettled: number; readonly saved: () => void };
}

/** Share of what is under way by which the bound is raised beyond it. */
const AHEAD = 1 / 4;

/** `left`: what runs before left. `raise` writes a new bound into the checkpoint. */
export function createAnnounced(left: number, raise: () => Promise<void>): Announced {
  let sent = left;
  /** No more than this may be sent before the checkpoint says more. */
  let granted = left;
  let settled = 0;
  /** As last saved. */
  let accounted = 0;
  let largest = 0;
  let raising: Promise<void> | undefined;

  const ahead = (): number => (largest === 0 ? 0 : Math.max(largest, Math.ceil((sent - accounted) * AHEAD)));

  const raiseOnce = (): Promise<void> =>
    (raising ??= raise().finally(() => {
      raising = undefined;
    }));

  const isGranted = (wanted: number): boolean => wanted <= granted;

  const wait = async (wanted: number): Promise<void> => {
    while (!isGranted(wanted)) await raiseOnce();
  };

  return {
    announce(count) {
      largest = Math.max(largest, count);
      sent += count;
      if (!isGranted(sent)) return wait(sent);
      // What fails here fails again when it is waited for.
      if (!isGranted(sent + largest)) raiseOnce().catch(() => undefined);
      return undefined;
    },
    withdraw(count) {
      settled += count;
    },
    settle(count) {
      settled += count;
    },
    get settled() {
      return settled;
    },
    saving(covered, last) {
      const bound = last ? sent : sent + ahead();
      // Lowered before it is written, raised after: at no moment is more sent than the checkpoint says.
      granted = Math.min(granted, bound);
      return {
        unsettled: Math.max(0, bound - covered),
        saved: () => {
          granted = Math.max(granted, bound);
          accounted = covered;
        },
      };
    },
  };
}
