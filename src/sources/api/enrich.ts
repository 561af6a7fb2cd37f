import type { RetryPolicy } from '../../contracts/component.ts';
import { messageOf } from '../../contracts/errors.ts';
import { isObject } from '../../contracts/json.ts';
import type { JsonObject, Log, Meter } from '../../contracts/types.ts';
import { type ApiClient, RefusedError } from './client.ts';
import type { EnrichmentOptions } from './options.ts';
import { text } from './row.ts';

/** Looks up the runs of detections. */
export interface Enricher {
  /**
   * For each body, in order, `{actor, branch, head_sha, event}`, whatever of it is known; undefined when nothing is.
   * Throws only the abort reason.
   */
  runs(bodies: readonly JsonObject[], signal: AbortSignal): Promise<(JsonObject | undefined)[]>;
  /** Forgets earlier failures; the next sweep asks anew. */
  reset(): void;
}

/** After so many failures in a row the rest of the sweep goes without: detections are not held back. */
const GIVE_UP_AFTER = 10;
const PATIENCE_MS = 10_000;

export function createEnricher(
  client: ApiClient,
  options: EnrichmentOptions,
  { retry, log, meter }: { retry: RetryPolicy; log: Log; meter: Meter },
): Enricher {
  const cache = new Map<string, Promise<JsonObject | undefined>>();
  const policy = { ...retry, maxElapsedMs: Math.min(retry.maxElapsedMs, PATIENCE_MS) };
  let failures = 0;

  const lookUp = async (path: string, signal: AbortSignal): Promise<JsonObject | undefined> => {
    meter.add('enrichment_requests');
    try {
      const run = await client.get(path, {}, runOf, { signal, policy });
      failures = 0;
      return run;
    } catch (error) {
      const gone = error instanceof RefusedError && error.status === 404;
      if (!gone) cache.delete(path);
      signal.throwIfAborted();
      meter.add('enrichment_failed');
      // Says nothing about the next run, and stays gone.
      if (gone) return undefined;
      failures += 1;
      if (failures === GIVE_UP_AFTER) {
        const reason = messageOf(error);
        log.warn({ reason, failures }, 'run look-ups keep failing; this sweep goes on without them');
      }
      return undefined;
    }
  };

  const runOfBody = async (body: JsonObject, signal: AbortSignal): Promise<JsonObject | undefined> => {
    const path = pathOf(body);
    if (path === undefined) return undefined;
    const cached = cache.get(path);
    if (cached !== undefined) return cached;
    if (failures >= GIVE_UP_AFTER) return undefined;
    const answer = lookUp(path, signal);
    cache.set(path, answer);
    // The oldest goes: detections of one run come close together.
    const [oldest] = cache.keys();
    if (cache.size > options.cache_runs && oldest !== undefined) cache.delete(oldest);
    return answer;
  };

  return {
    async runs(bodies, signal) {
      const found: (JsonObject | undefined)[] = [];
      const queue = bodies.entries();
      const work = async () => {
        for (const [index, body] of queue) found[index] = await runOfBody(body, signal);
      };
      await Promise.all(Array.from({ length: options.concurrency }, work));
      return found;
    },
    reset() {
      failures = 0;
    },
  };
}

function pathOf(body: JsonObject): string | undefined {
  const owner = text(body.owner);
  const repo = text(body.repo).split('/').at(-1) ?? '';
  const run = text(body.run_id);
  if (owner === '' || repo === '' || !/^\d+$/.test(run)) return undefined;
  return `/github/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}/actions/runs/${run}`;
}

/** The run document names its fields as in the vendor's Insights sample; some answers of this API are wrapped in `data`. */
function runOf(json: unknown): JsonObject | undefined {
  const outer = isObject(json) ? json : {};
  const run = isObject(outer.data) ? outer.data : outer;
  const found = Object.entries({
    actor: run.workflow_run_actor_login,
    branch: run.head_branch,
    head_sha: run.head_sha,
    event: run.event,
  }).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && value !== '' ? [[name, value]] : [],
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
