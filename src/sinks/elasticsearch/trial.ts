import { ConfigError, RetryableError, UnavailableError } from '../../errors.ts';
import type { Document, Json } from '../../types.ts';
import type { Trial } from '../breaker.ts';
import { object } from './assets.ts';
import type { Delivery } from './deliver.ts';
import { translate } from './failures.ts';
import { explain, judge } from './items.ts';
import { bulk } from './request.ts';
import { stopOn } from './stop.ts';

/**
 * Whether the stream takes what is known to be good. First a document that this run saw stored in the write index, created
 * once more: Elasticsearch (9.4.3 and 8.16.6 alike) runs the pipeline and parses the document by the mapping before it
 * looks whether the uid is there, so a 409 means that both work. Where nothing of this run is in the write index, our
 * sample detections are simulated, which the privilege `create_doc` covers and which stores nothing. Throws what stops
 * the run, `RetryableError` for what passes.
 */
export async function tryKnownGood(delivery: Delivery): Promise<Trial> {
  const { session, stream, signal } = delivery;
  const backing = await stream.refresh(session.client, signal);
  const witness = backing.rolling ? undefined : stream.witness.of(backing.indices[0]);
  return witness === undefined ? simulate(delivery) : createAgain(witness, delivery);
}

async function createAgain(document: Document, delivery: Delivery): Promise<Trial> {
  const [item] = await bulk(delivery.session, [{ document }], { ...delivery, stream: delivery.stream.name });
  if (item === undefined) throw new Error('an entry without its item');
  const verdict = judge(item);
  stopOn(verdict, delivery.stream.name);
  if (verdict.is === 'later' || verdict.is === 'broken') throw new RetryableError(verdict.reason);
  // The stream rolled over since we looked: the new index took it, too.
  if (verdict.is === 'delivered') delivery.meter.add('doubled');
  if (verdict.is !== 'rejected') return { is: 'taken' };
  return { is: 'refused', what: 'one that it holds already', reason: verdict.reason };
}

/** Refused by every mapping of a data stream. A server that takes it checks no mapping when it simulates (before 8.15). */
const IMPOSSIBLE = { '@timestamp': { no: 'time' } };

async function simulate({ session, stream, samples, signal }: Delivery): Promise<Trial> {
  const good = samples().filter(({ dataset }) => stream.name.startsWith(`logs-stepsecurity.${dataset}-`));
  const untried = (why: string): Trial => ({ is: 'untried', why });
  if (good.length === 0) return untried('nothing of this run is stored yet to compare with');
  const sources: readonly Json[] = [
    IMPOSSIBLE,
    ...good.map(({ json }) => JSON.parse(json.toString()) as Json),
  ];
  const docs = sources.map((source, at) => ({ _index: stream.name, _id: `sample-${at}`, _source: source }));
  let reply: Json;
  try {
    reply = await session.client.transport.request<Json>(
      {
        method: 'POST',
        path: '/_ingest/_simulate',
        querystring: { filter_path: 'docs.doc._id,docs.doc.error' },
        body: { docs },
      },
      { signal },
    );
  } catch (error) {
    const meaning = translate(error, `simulating samples for ${stream.name}`, signal);
    if (!(meaning instanceof ConfigError || meaning instanceof UnavailableError)) throw meaning;
    return untried(`nothing of this run is stored yet, and simulating is refused (${meaning.message})`);
  }
  const { docs: listed } = object(reply);
  const errors = (Array.isArray(listed) ? listed : []).map((entry) => object(object(entry).doc).error);
  const [impossible, ...others] = errors;
  if (impossible === undefined || others.length !== good.length) {
    return untried(
      'nothing of this run is stored yet, and the server simulates without a look at the mapping',
    );
  }
  const refused = others.find((error) => error !== undefined);
  if (refused === undefined) return { is: 'taken' };
  return { is: 'refused', what: 'our own samples (simulated)', reason: explain(object(refused)) };
}
