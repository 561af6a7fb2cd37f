/**
 * An upper bound of the documents that were sent but are not in the checkpoint: if the run is killed now, these will be
 * sent again. The bound in the checkpoint is raised before documents are sent, and by more than necessary, so that few
 * documents have to wait.
 */
export interface Announced {
  /** This many more documents are about to be sent. Undefined if the checkpoint already allows for them. */
  announce(count: number): Promise<void> | undefined;
  /** This many documents were acked in their batches, so that the next save covers them, or are known not to have arrived. */
  settle(count: number): void;
  readonly settled: number;
  /**
   * For a save that begins now: what it writes, and what to do once it is written. It covers `accounted` documents.
   * `last`: nothing more will be sent.
   */
  saving(accounted: number, last: boolean): { readonly unsettled: number; readonly saved: () => void };
}

/** How far the bound is raised beyond what is in flight, as a share of it. */
const AHEAD = 1 / 4;

/** `left`: what earlier runs left. `raise` writes a new bound into the checkpoint. */
export function createAnnounced(left: number, raise: () => Promise<void>): Announced {
  let sent = left;
  /** No more than this may be sent until the checkpoint allows more. */
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
      // If this fails, it fails again when it is awaited.
      if (!isGranted(sent + largest)) raiseOnce().catch(() => undefined);
      return undefined;
    },
    settle(count) {
      settled += count;
    },
    get settled() {
      return settled;
    },
    saving(covered, last) {
      const bound = last ? sent : sent + ahead();
      // Lowered before the save and raised after it, so that there are never more sent than the checkpoint says.
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
