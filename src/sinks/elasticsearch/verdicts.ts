import { ConfigError, RetryableError, UnavailableError } from '../../contracts/errors.ts';
import { type Delivery, type Entry } from './delivery.ts';
import { type Item, type ItemVerdict, judge } from './items.ts';
import { simulate } from './simulate.ts';
import { TooLargeError } from './statuses.ts';

/** Per request; the others were probably refused for the same reasons. */
const MOST = 100;
const MOST_BYTES = 2 ** 20;

/**
 * What each item of a reply means. The failure store accepts a document without giving a reason, even if the pipeline
 * does not exist, so some of those documents are simulated, and that result counts.
 */
export async function verdictsOf(
  entries: readonly Entry[],
  items: readonly Item[],
  delivery: Delivery,
): Promise<readonly ItemVerdict[]> {
  const kept: { readonly at: number; readonly json: Buffer }[] = [];
  let bytes = 0;
  for (const [at, { failure_store: store }] of items.entries()) {
    const json = entries[at]?.document.json;
    if (store !== 'used' || json === undefined || kept.length === MOST) continue;
    bytes += json.length;
    if (bytes > MOST_BYTES) break;
    kept.push({ at, json });
  }
  const verdicts = items.map(judge);
  if (kept.length === 0) return verdicts;
  // Never resend just because a reason is missing: accepted documents would then look like duplicates.
  const errors = await simulate(kept, delivery).catch((error: unknown) => {
    delivery.signal.throwIfAborted();
    if (isMeant(error)) return undefined;
    throw error;
  });
  for (const [position, { at }] of kept.entries()) {
    const error = errors?.[position];
    if (error === undefined) continue;
    const verdict = judge({ status: 400, error });
    verdicts[at] =
      verdict.is === 'rejected'
        ? { ...verdict, reason: `kept in the failure store: ${verdict.reason}` }
        : verdict;
  }
  return verdicts;
}

function isMeant(error: unknown): boolean {
  const kinds = [ConfigError, UnavailableError, RetryableError, TooLargeError];
  return kinds.some((kind) => error instanceof kind);
}
