import type { Heartbeat, NamedCount } from '../contracts/heartbeat.ts';
import type { Ledger } from './ledger.ts';

/** Names kept per list; the rest are counted as `other`. */
const MOST_NAMES = 50;

const COUNTS = [
  'read',
  'delivered',
  'duplicate',
  'dead_lettered',
  'filtered',
  'doubled',
  'possibly_duplicated',
  'state_changes',
  'abandoned_batches',
] as const;

const LISTS = ['unknown_kinds', 'unknown_fields', 'filters', 'warnings', 'redactions', 'counters'] as const;

type Sender = Pick<Heartbeat, 'id' | 'configuration' | 'version' | 'host' | 'passes'>;

/** Turns a ledger into a heartbeat. */
export function heartbeatOf(ledger: Ledger, sender: Sender): Heartbeat {
  const kinds = Object.entries(ledger.kinds).map(([kind, by]): [string, number] => [
    kind,
    Object.values(by).reduce((sum, count) => sum + count, 0),
  ]);
  return {
    ...sender,
    command: ledger.command,
    source: ledger.source,
    sink: ledger.sink,
    started: Date.parse(ledger.started),
    finished: Date.parse(ledger.finished),
    exitCode: ledger.exit_code,
    error: ledger.error,
    complete: ledger.complete,
    lag: ledger.lag_seconds,
    counts: Object.fromEntries(COUNTS.map((name) => [name, ledger[name]])),
    lists: {
      kinds: bounded(kinds),
      ...Object.fromEntries(LISTS.map((name) => [name, bounded(Object.entries(ledger[name]))])),
    },
  };
}

function bounded(counts: readonly (readonly [string, number])[]): NamedCount[] {
  const sorted = counts
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const rest = sorted.slice(MOST_NAMES).reduce((sum, { count }) => sum + count, 0);
  return rest === 0 ? sorted : [...sorted.slice(0, MOST_NAMES), { name: 'other', count: rest }];
}
