import type { RetryPolicy } from '../../contracts/component.ts';
import { ConfigError, UnavailableError } from '../../contracts/errors.ts';
import { BrokenListError } from '../../io/paging.ts';
import { type ApiClient, RefusedError } from '../../stepsecurity/client.ts';
import { interleave } from './interleave.ts';
import type { Group } from './listing.ts';
import { type Listing, pages } from './listing.ts';

export type SweepEvent =
  | {
      readonly group: Group;
      readonly listing: Listing;
      /** No more lists follow in the group. */
      readonly last: boolean;
      readonly rows: readonly unknown[];
    }
  /** All lists of the group were tried; `clean` if all were read to the end. */
  | { readonly group: Group; readonly clean: boolean };

export interface ListingFailure {
  readonly what: string;
  readonly reason: string;
  /** HTTP status of a refusal. */
  readonly refused?: number;
}

export interface SweepOptions {
  readonly client: ApiClient;
  readonly concurrency: number;
  readonly pageSize: number;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal;
  /** Called once per list that could not be read to its end. */
  readonly failed: (failure: ListingFailure) => void;
}

/**
 * If this many groups give up without a single good answer in between, the whole API is unreachable, not just one kind.
 */
const GROUPS_AWAY = 5;

/**
 * Reads all lists of all groups. One that fails is reported through `failed` and does not block the others; a path that
 * is refused (403, 404) is not requested again. Throws `UnavailableError` if the whole API stays unreachable,
 * `ConfigError` if the key is refused.
 */
export async function* sweep(groups: readonly Group[], options: SweepOptions): AsyncGenerator<SweepEvent> {
  const { client, signal, failed } = options;
  const refusedPaths = new Set<string>();
  const gaveUp = new Set<Group>();
  let lastGiveUp = 0;
  // After one group was waited for in vain, the next ones get a tenth of the time.
  const policy = () =>
    gaveUp.size === 0 ? options.retry : { ...options.retry, maxElapsedMs: options.retry.maxElapsedMs / 10 };

  const endGroup = (group: Group, listing: Listing, error: unknown) => {
    if (signal.aborted || error instanceof ConfigError) throw error;
    const { status: asked } = listing.query;
    const what = asked === undefined ? group.what : `${group.what} (${asked})`;
    if (error instanceof RefusedError) {
      const { status, message } = error;
      if (status === 400 && listing.mayBeUnknown === true) return;
      if (status !== 403 && status !== 404) return failed({ what, reason: message, refused: status });
      // Several lists of the path may be in progress; report it once.
      if (!refusedPaths.has(listing.path)) failed({ what: listing.path, reason: message, refused: status });
      refusedPaths.add(listing.path);
      return;
    }
    if (error instanceof BrokenListError) {
      failed({ what, reason: error.message });
      return;
    }
    if (!(error instanceof UnavailableError)) throw error;
    if (client.lastSuccess() > lastGiveUp) gaveUp.clear();
    gaveUp.add(group);
    lastGiveUp = performance.now();
    failed({ what, reason: error.message });
    if (gaveUp.size >= GROUPS_AWAY)
      throw new UnavailableError(`the StepSecurity API is unavailable: ${error.message}`, { cause: error });
  };

  const read = async function* (group: Group): AsyncGenerator<SweepEvent> {
    let clean = true;
    for (const [index, listing] of group.listings.entries()) {
      if (refusedPaths.has(listing.path)) {
        clean = false;
        continue;
      }
      const last = index === group.listings.length - 1;
      try {
        const paging = { client, pageSize: options.pageSize, signal, policy };
        for await (const rows of pages(listing, paging)) yield { group, listing, last, rows };
      } catch (error) {
        clean = false;
        endGroup(group, listing, error);
      }
    }
    yield { group, clean };
  };

  yield* interleave(groups.map(read), options.concurrency);
}
