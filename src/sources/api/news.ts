import type { Meter } from '../../contracts/types.ts';
import type { Status } from './kinds.ts';
import type { Group } from './listing.ts';
import type { Proposal, RowMemory } from './memory.ts';
import type { Row } from './row.ts';

/** How a row's state has changed since it was last sent. */
interface Change {
  readonly from: Status;
  readonly to: Status;
  /** Number of this change of the row, from 1: suppress, reopen, suppress are three. */
  readonly counter: number;
}

/** A row that must be sent, and what to remember once that is acked. */
export interface Notice {
  readonly row: Row;
  readonly uri: string;
  readonly change?: Change;
  readonly proposal: Proposal;
}

/** Separates news from what has already been sent. */
export interface News {
  /** `last`: no more lists follow in the group. Undefined if there is nothing to send, or not yet. */
  look(group: Group, row: Row, uri: string, last: boolean): Notice | undefined;
  /** Changes that waited for the rest of the group. Without `clean` they are left to the next sweep. */
  end(group: Group, clean: boolean): Notice[];
}

/**
 * Above this many waiting changes, the rest are sent immediately: memory stays bounded, and sending a change twice is
 * harmless.
 */
const HELD_MAX = 10_000;

/**
 * A row that moves while it is being listed shows up in two lists of its group, and the last one counts. A changed
 * state therefore waits until no later list can contradict it. A new occurrence does not wait: it is a detection.
 */
export function createNews(memory: RowMemory, options: { stateChanges: boolean; meter: Meter }): News {
  const held = new Map<Group, Map<string, { row: Row; uri: string }>>();

  const changed = (row: Row, uri: string): Notice | undefined => {
    const known = memory.see(row.key);
    if (known === undefined || known.occurrence !== row.occurrence || known.status === row.status)
      return undefined;
    const change = { from: known.status, to: row.status, counter: (known.counter % 0xffff) + 1 };
    const state = { occurrence: row.occurrence, status: row.status, counter: change.counter };
    options.meter.add('state_changes');
    return propose({ row, uri, change, proposal: { key: row.key, state } });
  };

  const propose = (notice: Notice): Notice => {
    memory.propose(notice.proposal);
    return notice;
  };

  return {
    look(group, row, uri, last) {
      const waiting = held.get(group);
      waiting?.delete(row.key);
      const known = memory.see(row.key);
      if (known === undefined || known.occurrence !== row.occurrence) {
        const state = { occurrence: row.occurrence, status: row.status, counter: known?.counter ?? 0 };
        return propose({ row, uri, proposal: { key: row.key, state } });
      }
      if (known.status === row.status) {
        options.meter.add('rows_unchanged');
        return undefined;
      }
      if (!options.stateChanges) {
        memory.note(row.key, { ...known, status: row.status });
        return undefined;
      }
      if (last || (waiting?.size ?? 0) >= HELD_MAX) return changed(row, uri);
      if (waiting === undefined) held.set(group, new Map([[row.key, { row, uri }]]));
      else waiting.set(row.key, { row, uri });
      return undefined;
    },
    end(group, clean) {
      const waiting = held.get(group);
      held.delete(group);
      if (waiting === undefined || !clean) return [];
      return [...waiting.values()].flatMap(({ row, uri }) => changed(row, uri) ?? []);
    },
  };
}
