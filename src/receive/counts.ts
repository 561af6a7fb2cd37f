import { VERSION } from '../contracts/version.ts';
import type { Sample, Samples } from '../observe/readings.ts';
import type { Commit } from './committer.ts';
import type { Content } from './content.ts';
import type { Spool } from './spool/spool.ts';

/** Statuses that alerts use start at 0: Prometheus sees no increase in a series that starts at 1. */
const STATUSES = ['200', '401', '403', '408', '413', '503'];

/** The receiver's counts, for its metrics. */
export interface Counts {
  answered(status: number): void;
  accepted(content: Content['is'] | 'insights_dropped', bytes: number): void;
  committed(outcome: Commit): void;
  dropped(): void;
  removed(files: number): void;
  ready(isReady: boolean): void;
  delivering(isDelivering: boolean): void;
  samples(): Samples;
}

export function createCounts(spool: Pick<Spool, 'holds' | 'limit'>, nowMs = Date.now): Counts {
  const requests = new Map(STATUSES.map((status) => [status, 0]));
  const bodies = new Map([['json', 0]]);
  const groups = new Map([
    ['stored', 0],
    ['failed', 0],
  ]);
  let bytes = 0;
  let dropped = 0;
  let removed = 0;
  /** Epoch milliseconds of the last successful commit; 0 if there was none. */
  let lastCommit = 0;
  let ready: boolean | undefined;
  let delivering: boolean | undefined;
  return {
    answered: (status) => add(requests, String(status)),
    accepted(content, size) {
      add(bodies, content);
      bytes += size;
    },
    committed({ error }) {
      add(groups, error === undefined ? 'stored' : 'failed');
      if (error === undefined) lastCommit = nowMs();
    },
    dropped: () => void (dropped += 1),
    removed: (files) => void (removed += files),
    ready: (isReady) => void (ready = isReady),
    delivering: (isDelivering) => void (delivering = isDelivering),
    samples() {
      const held = spool.holds?.();
      return {
        receiveRequests: labeled('status', requests),
        receiveBodies: labeled('content', bodies),
        receiveSize: one(bytes),
        receiveGroups: labeled('outcome', groups),
        receiveConnections: one(dropped),
        ...(lastCommit > 0 && { receiveLastCommit: one(lastCommit / 1_000) }),
        ...(ready !== undefined && { receiveReady: one(Number(ready)) }),
        ...(delivering !== undefined && { receiveDelivering: one(Number(delivering)) }),
        ...(held && {
          spoolSize: one(held.bytes),
          spoolFiles: one(held.files),
          ...(spool.limit !== undefined && { spoolLimit: one(spool.limit) }),
          spoolRemoved: one(removed),
        }),
        buildInfo: [{ labels: { version: VERSION, node_version: process.versions.node }, value: 1 }],
      };
    },
  };
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function one(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

function labeled(label: string, counts: ReadonlyMap<string, number>): readonly Sample[] {
  return [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));
}
