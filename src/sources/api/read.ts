import type { Context } from '../../contracts/component.ts';
import { ConfigError, messageOf, UnavailableError } from '../../contracts/errors.ts';
import type { SourceContext } from '../../contracts/source.ts';
import type { Batch } from '../../contracts/types.ts';
import type { ApiClient } from '../../stepsecurity/client.ts';
import { parseTime } from '../../text/time.ts';
import { createBatcher } from './batcher.ts';
import { groupsOf } from './groups.ts';
import { components, incidentOf } from './incidents.ts';
import type { Group } from './listing.ts';
import type { RowMemory } from './memory.ts';
import { createNews, type Notice } from './news.ts';
import type { ApiOptions } from './options.ts';
import { uriOf } from './origin.ts';
import { ownersOf } from './owners.ts';
import { type ListingFailure, type SweepEvent, sweep } from './sweep.ts';

export interface Reading {
  readonly options: ApiOptions;
  readonly context: Context & SourceContext;
  readonly client: ApiClient;
  readonly memory: RowMemory;
  /** Called when every list was read to its end. */
  readonly complete: () => void;
}

/** One sweep, as batches. Failures are thrown after everything that could be read. */
export async function* readOnce(reading: Reading, stop: AbortSignal): AsyncGenerator<Batch> {
  const { options, context, client, memory } = reading;
  const { log, meter, retry } = context;
  // Also ends work in progress when the consumer leaves early.
  const left = new AbortController();
  const signal = AbortSignal.any([stop, context.abort, left.signal]);
  const failures: ListingFailure[] = [];
  const failed = (failure: ListingFailure) => {
    failures.push(failure);
    meter.add('lists_failed');
    log.error({ ...failure }, 'a list of the API could not be read to its end');
  };
  const since = options.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(options.since);
  const news = createNews(memory, {
    stateChanges: options.state_changes && context.backfill === undefined,
    meter,
  });
  const batcher = createBatcher(memory, context);
  let pagesRead = 0;
  let rowsSeen = 0;
  const incidents = new Set<string>();

  const noticesOf = (event: SweepEvent): Notice[] => {
    if (!('rows' in event)) return news.end(event.group, event.clean);
    const { group, listing, last } = event;
    pagesRead += 1;
    const uri = uriOf(listing.path, listing.query);
    return event.rows.flatMap(listing.rows).flatMap((row) => {
      rowsSeen += 1;
      meter.add('rows_seen');
      const incident = incidentOf(row);
      if (incident !== undefined) incidents.add(incident);
      const { timestamp = row.body.incident_start_time } = row.body;
      if ((parseTime(timestamp) ?? Number.POSITIVE_INFINITY) < since) {
        meter.add('rows_before_since');
        return [];
      }
      return news.look(group, row, uri, last) ?? [];
    });
  };

  const told = async function* (groups: readonly Group[]): AsyncGenerator<Batch> {
    const { concurrency, page_rows: pageSize } = options;
    for await (const event of sweep(groups, { client, concurrency, pageSize, retry, signal, failed })) {
      for (const notice of noticesOf(event)) yield* batcher.add(notice);
    }
  };

  memory.begin();
  try {
    const owners = await discover(reading, signal, failed);
    yield* told(groupsOf(options, owners));
    const [first] = owners;
    if (first !== undefined) yield* told([...incidents].map((incident) => components(first, incident)));
    yield* batcher.flush();
  } catch (error) {
    // An outage of the API does not invalidate what it has already returned.
    if (error instanceof UnavailableError) yield* batcher.flush();
    if (stop.aborted && !context.abort.aborted && error === stop.reason) return;
    throw error;
  } finally {
    left.abort();
  }
  if (failures.length > 0) throw failureOf(failures, pagesRead);
  if (rowsSeen === 0 && memory.size() > 0) {
    log.warn({ remembered: memory.size() }, 'the API returned no rows at all; what is remembered is kept');
    return;
  }
  memory.prune();
  reading.complete();
}

/**
 * A tenant's detections can be read without knowing its organizations; only policy evaluations and threat intelligence
 * are then missing.
 */
async function discover(
  { options, client, context }: Reading,
  signal: AbortSignal,
  failed: (failure: ListingFailure) => void,
): Promise<string[]> {
  const tenantPath = options.customer !== undefined && options.tenant_wide;
  if (tenantPath && !options.policy_evaluations && !options.threat_intelligence) return [];
  try {
    return await ownersOf(options, client, { signal, policy: context.retry });
  } catch (error) {
    if (signal.aborted || error instanceof ConfigError || error instanceof UnavailableError) throw error;
    const reason = messageOf(error);
    if (!tenantPath) throw new ConfigError(`customer: its organizations cannot be listed (${reason})`);
    failed({
      what: `organizations of ${options.customer}, and with them policy evaluations and threat intelligence`,
      reason,
    });
    return [];
  }
}

/** The list a row came from, without paging and without secrets. */
function failureOf(failures: readonly ListingFailure[], pagesRead: number): Error {
  const named = failures.slice(0, 10).map(({ what, reason }) => `${what}: ${reason}`);
  const more = failures.length > named.length ? `; and ${failures.length - named.length} more` : '';
  const list = named.join('; ') + more;
  if (pagesRead === 0 && failures.every(({ refused }) => refused !== undefined)) {
    return new ConfigError(`api: the StepSecurity API refuses every list with this key: ${list}`);
  }
  return new UnavailableError(`api: these lists could not be read, the rest could: ${list}`);
}
