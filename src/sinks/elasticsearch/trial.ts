import { ConfigError, RetryableError, UnavailableError } from '../../contracts/errors.ts';
import type { Document } from '../../contracts/types.ts';
import type { Trial } from '../breaker.ts';
import { type Delivery } from './delivery.ts';
import { explain, judge } from './items.ts';
import { bulk } from './request.ts';
import { simulate } from './simulate.ts';
import { BulkRefusedError, TooLargeError } from './statuses.ts';
import { stopOn } from './stop.ts';

/**
 * Whether the stream accepts documents known to be good. First tries a document that this run saw stored in the write
 * index, by creating it again: Elasticsearch (9.4.3 and 8.16.6 alike) runs the pipeline and parses the document by the
 * mapping before it checks whether the uid exists, so a 409 means that both work. If nothing of this run is in the
 * write index, simulates our sample detections. Throws whatever stops the run, and `RetryableError` for passing
 * failures.
 */
export async function tryKnownGood(delivery: Delivery): Promise<Trial> {
  const { cluster, stream, signal } = delivery;
  const backing = await stream.refresh(cluster.client, signal);
  const witness = backing.rolling ? undefined : stream.witness.of(backing.indices[0]);
  return witness === undefined ? trySamples(delivery) : createAgain(witness, delivery);
}

async function createAgain(document: Document, delivery: Delivery): Promise<Trial> {
  const options = { ...delivery, stream: delivery.stream.name };
  const [item] = await bulk(delivery.cluster, [{ document }], options).catch((error: unknown) => {
    throw error instanceof BulkRefusedError ? error.refusal : error;
  });
  if (item === undefined) throw new Error('an entry without its item');
  const verdict = judge(item);
  stopOn(verdict, delivery.stream.name);
  if (verdict.is === 'later' || verdict.is === 'broken') throw new RetryableError(verdict.reason);
  // The stream rolled over since we looked, and the new index accepted it too.
  if (verdict.is === 'delivered') delivery.meter.add('doubled');
  if (verdict.is !== 'rejected') return { is: 'taken' };
  return { is: 'refused', what: 'one that it already has', reason: verdict.reason };
}

async function trySamples(delivery: Delivery): Promise<Trial> {
  const { stream, samples } = delivery;
  const good = (await samples()).filter(({ dataset }) =>
    stream.name.startsWith(`logs-stepsecurity.${dataset}-`),
  );
  const untried = (why: string): Trial => ({ is: 'untried', why: `nothing of this run is stored yet${why}` });
  if (good.length === 0) return untried(' to compare with');
  let errors: Awaited<ReturnType<typeof simulate>>;
  try {
    errors = await simulate(good, delivery);
  } catch (error) {
    const isFinal = error instanceof ConfigError || error instanceof UnavailableError;
    if (!isFinal && !(error instanceof TooLargeError)) throw error;
    return untried(`, and simulating is refused (${error.message})`);
  }
  if (errors === undefined) return untried(', and the server simulates without checking the mapping');
  const refused = errors.find((error) => error !== undefined);
  if (refused === undefined) return { is: 'taken' };
  return { is: 'refused', what: 'our own samples (simulated)', reason: explain(refused) };
}
