import { RetryableError } from '../../contracts/errors.ts';
import type { Outcome } from '../../contracts/types.ts';
import { breakOnRefusal } from '../breaker.ts';
import type { Delivery, Entry } from './delivery.ts';
import type { Item, ItemVerdict } from './items.ts';
import { bulk } from './request.ts';
import { stopOn } from './stop.ts';
import { findStored } from './stored.ts';
import { mayLieElsewhere } from './stream.ts';
import { tryKnownGood } from './trial.ts';
import { verdictsOf } from './verdicts.ts';

/** A document that makes the server fail this often, while it accepts the neighboring ones, becomes a dead letter. */
const MOST_BREAKS = 5;

/**
 * One attempt to settle the entries that have no outcome yet. Throws `RetryableError` if some are left, `TooLargeError`
 * if they need smaller requests, and anything that stops the run.
 */
export async function deliver(entries: readonly Entry[], delivery: Delivery): Promise<void> {
  await markStrays(entries, delivery);
  const writeIndex = await markStored(entries, delivery);
  const pending = entries.filter((entry) => entry.outcome === undefined);
  if (pending.length === 0) return;
  const items = await bulk(delivery.cluster, pending, { ...delivery, stream: delivery.stream.name }).catch(
    (error: unknown) => {
      if (error instanceof RetryableError) for (const entry of pending) entry.unsure = true;
      throw error;
    },
  );
  const late = await markItems(pending, items, writeIndex, delivery);
  await markStrays(pending, delivery);
  if (late === undefined) return;
  giveUpBroken(entries);
  if (entries.some((entry) => entry.outcome === undefined)) throw new RetryableError(late);
}

/**
 * Looks up those that an older backing index may have, or that may have arrived. Returns the write index known at that
 * time.
 */
async function markStored(entries: readonly Entry[], delivery: Delivery): Promise<string | undefined> {
  const { cluster, stream, signal } = delivery;
  const open = entries.filter((entry) => entry.outcome === undefined);
  const fresh = open.some((entry) => entry.unsure);
  const backing = await (fresh ? stream.refresh : stream.look)(cluster.client, signal);
  if (backing.indices.length < 2 && !backing.rolling) return backing.indices[0];
  const doubtful = open.filter((entry) => entry.unsure || mayLieElsewhere(entry.document, backing));
  if (doubtful.length === 0) return backing.indices[0];
  const uids = doubtful.map((entry) => entry.document.uid);
  const found = await findStored(uids, { ...delivery, client: cluster.client, stream: stream.name, backing });
  for (const entry of doubtful) {
    if (found.has(entry.document.uid)) entry.outcome = { fate: 'duplicate' };
  }
  return backing.indices[0];
}

/**
 * The stream rolled over between the lookup and the creation: looks them up again, and counts what is now stored twice.
 */
async function markStrays(entries: readonly Entry[], delivery: Delivery): Promise<void> {
  const strays = entries.filter((entry) => entry.outcome === undefined && entry.strayed !== undefined);
  if (strays.length === 0) return;
  const { cluster, stream, meter, signal } = delivery;
  const backing = await stream.refresh(cluster.client, signal);
  for (const except of new Set(strays.map((entry) => entry.strayed))) {
    const there = strays.filter((entry) => entry.strayed === except);
    const uids = there.map((entry) => entry.document.uid);
    const question = { ...delivery, client: cluster.client, stream: stream.name, backing, except };
    const found = await findStored(uids, question);
    for (const entry of there) {
      const double = found.has(entry.document.uid);
      if (double) meter.add('doubled');
      entry.outcome = { fate: double ? 'duplicate' : 'delivered' };
    }
  }
}

/**
 * Gives each entry the outcome of its item; if all were refused, only once it is clear that they are at fault. Returns
 * why some must be sent again, if any.
 */
async function markItems(
  pending: readonly Entry[],
  items: readonly Item[],
  writeIndex: string | undefined,
  delivery: Delivery,
): Promise<string | undefined> {
  const { name } = delivery.stream;
  const verdicts = await verdictsOf(pending, items, delivery);
  for (const verdict of verdicts) stopOn(verdict, name);
  const refusals = verdicts.flatMap((verdict) => (verdict.is === 'rejected' ? [verdict.type] : []));
  await breakOnRefusal('elasticsearch', refusals, pending.length, () => tryKnownGood(delivery));
  let late: string | undefined;
  for (const [position, entry] of pending.entries()) {
    const item = items[position];
    const verdict = verdicts[position];
    if (item === undefined || verdict === undefined) throw new Error('an entry without its item');
    const isThere = verdict.is === 'delivered' || verdict.is === 'duplicate';
    if (isThere && item._index !== undefined) delivery.stream.witness.keep(entry.document, item._index);
    const isStray = verdict.is === 'delivered' && item._index !== writeIndex && item._index !== name;
    if (isStray) entry.strayed = item._index;
    else entry.outcome = outcomeOf(verdict);
    if (verdict.is === 'broken') {
      entry.breaks = (entry.breaks ?? 0) + 1;
      entry.unsure = true;
    }
    if (verdict.is === 'later' || verdict.is === 'broken') late ??= verdict.reason;
  }
  return late;
}

function outcomeOf(verdict: ItemVerdict): Outcome | undefined {
  if (verdict.is === 'delivered' || verdict.is === 'duplicate') return { fate: verdict.is };
  if (verdict.is === 'filtered') return { fate: 'filtered', by: verdict.by };
  if (verdict.is === 'rejected') return { fate: 'rejected', reason: verdict.reason };
  return undefined;
}

function giveUpBroken(entries: readonly Entry[]): void {
  if (!entries.some((entry) => entry.outcome !== undefined)) return;
  for (const entry of entries) {
    if (entry.outcome === undefined && (entry.breaks ?? 0) >= MOST_BREAKS) {
      const reason = `the server failed on it ${MOST_BREAKS} times while it accepted others`;
      entry.outcome = { fate: 'rejected', reason };
    }
  }
}
