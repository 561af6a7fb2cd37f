import { runSteps, type Times } from './commands.ts';
import { compileSearch, fieldsOfSearch } from './condition.ts';
import { type Indexed, indexedFields, searchFields } from './fields.ts';
import { expandMacros } from './macros.ts';
import { pipeline } from './pipeline.ts';
import { stats } from './stats.ts';
import { timeOf } from './time.ts';
import type { Row } from './values.ts';

/** The times that a saved search or a dashboard sets. */
export interface Dispatch {
  readonly now: number;
  readonly earliest: string;
  readonly latest: string;
}

/** Everything Splunk knows about an event without reading it: the fields that `tstats` may name. */
const INDEXED = new Set(['index', 'host', 'source', 'sourcetype', 'uid', '_time', '_indextime']);

/**
 * Runs a search over events. Supports as much of Splunk's language as the add-on uses, and throws for the rest, so that
 * no search passes without being understood.
 */
export function runSearch(search: string, events: readonly Indexed[], dispatch: Dispatch): Row[] {
  const [first = '', ...steps] = pipeline(expandMacros(search));
  const times = timesOf(dispatch);
  const within = events
    .filter(({ time, indexed }) => time >= times.earliest && time < times.latest && indexed <= times.now)
    .sort((a, b) => b.time - a.time);
  return runSteps(steps, start(first, within, times), times);
}

/** What a panel makes of the rows of its base search. */
export function runPostProcess(search: string, rows: readonly Row[], dispatch: Dispatch): Row[] {
  return runSteps(pipeline(expandMacros(search)), rows, timesOf(dispatch));
}

function timesOf({ now, earliest, latest }: Dispatch): Times {
  return { now, earliest: timeOf(earliest, now), latest: timeOf(latest, now) };
}

function start(first: string, events: readonly Indexed[], { now }: Times): Row[] {
  if (!/^tstats\b/.test(first)) {
    // A search that starts without a command is a `search`.
    const condition = compileSearch(first.replace(/^search\s/, ''));
    return events.map(searchFields).filter(condition);
  }
  const [, figures = '', where = '', by = ''] =
    /^tstats\s(.*?)\sWHERE\s(.*?)(?:\sBY\s(.*))?$/s.exec(first) ?? [];
  const named = [...fieldsOfSearch(where), ...by.split(/\s+/), ...figures.matchAll(/\((\w+)\)/g)];
  const unknown = named
    .map((one) => (typeof one === 'string' ? one : one[1]))
    .find((one) => one && !INDEXED.has(one));
  if (unknown !== undefined) throw new Error(`tstats knows no ${unknown}, which is not indexed: ${first}`);
  const rows = events.map(indexedFields).filter(compileSearch(where));
  return stats(by === '' ? figures : `${figures} BY ${by}`, rows, now);
}
