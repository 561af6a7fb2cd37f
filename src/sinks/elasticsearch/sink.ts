import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { SinkContext } from '../../contracts/sink.ts';
import type { Document, Outcome, Presence, Sink } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import { breakOnRefusal, type Trial } from '../breaker.ts';
import { cut } from './body.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { type Connected, connect } from './connect.ts';
import { deliver } from './deliver.ts';
import { type Delivery, type Entry } from './delivery.ts';
import { type ElasticsearchOptions, streamName } from './options.ts';
import { presenceIn, refresh } from './presence.ts';
import { reachOf } from './reach.ts';
import { knock } from './request.ts';
import { BlockedError, BulkRefusedError, NotUnderstoodError, TooLargeError } from './statuses.ts';
import { type Backing, createStream, type Stream } from './stream.ts';
import { tryKnownGood } from './trial.ts';

/** If a body this small is still too large, the document is at fault. */
const SMALLEST_LIMIT = 1024;

/**
 * Writes documents to the data streams `logs-stepsecurity.<dataset>-<namespace>` with `create`, so that each uid exists
 * only once. Connects on the first write. Counts `bulk_requests`, `mget_requests`, `search_requests`, `retries`,
 * `bytes_sent`, `bytes_sent_raw` and `doubled`.
 */
export function createElasticsearchSink(
  options: ElasticsearchOptions,
  context: Context & Pick<SinkContext, 'samples'>,
): Required<Pick<Sink, 'write' | 'stored' | 'reach' | 'close'>> {
  const { log, meter, retry: policy } = context;
  const streams = new Map<string, Stream>();
  let limit = options.request_bytes;
  let connected: Connected | undefined;
  let cluster: Cluster | undefined;
  let opening: Promise<Cluster> | undefined;
  /** A bulk request has been understood. */
  let answered = false;

  async function open(signal: AbortSignal): Promise<Cluster> {
    if (cluster !== undefined) return cluster;
    opening ??= greet(signal).finally(() => {
      opening = undefined;
    });
    return opening;
  }

  /** The connection outlives a failed greeting, because it knows which nodes are dead. */
  async function greet(signal: AbortSignal): Promise<Cluster> {
    connected ??= await connect(options, signal);
    cluster = await openCluster(connected, signal);
    return cluster;
  }

  function streamOf(dataset: string): Stream {
    const name = streamName(dataset, options.namespace);
    let stream = streams.get(name);
    if (stream === undefined) {
      stream = createStream(name);
      streams.set(name, stream);
    }
    return stream;
  }

  const deliveryTo = async (stream: Stream, signal: AbortSignal): Promise<Delivery> => ({
    cluster: await open(signal),
    stream,
    gzip: options.compression === 'gzip',
    limit,
    samples: context.samples ?? (() => []),
    meter,
    signal,
  });

  function lookAgain(stream: Stream, signal: AbortSignal): Promise<Backing> {
    const attempt = async () => stream.refresh((await open(signal)).client, signal);
    return retry(attempt, { policy, signal, what: `reading the data stream ${stream.name}`, log, meter });
  }

  /**
   * Sends the entries of one stream in one request, or in more and more if the server finds that too large or something
   * in between refuses it (`passing`: other requests get through).
   */
  async function deliverAll(
    entries: readonly Entry[],
    stream: Stream,
    signal: AbortSignal,
    passing = false,
  ): Promise<void> {
    const attempt = async (): Promise<void> => {
      await deliver(entries, await deliveryTo(stream, signal));
      answered = true;
    };
    try {
      await retry(attempt, { policy, signal, what: `bulk requests to ${stream.name}`, log, meter });
    } catch (error) {
      const open = entries.filter((entry) => entry.outcome === undefined);
      if (error instanceof BulkRefusedError) {
        await findRefused(open, error.refusal, { stream, signal, passing });
        return;
      }
      if (!(error instanceof TooLargeError)) throw error;
      const [only, second] = open;
      if (only !== undefined && second === undefined) {
        only.outcome = {
          fate: 'rejected',
          reason: 'larger than the server accepts in one request (HTTP 413)',
        };
        return;
      }
      if (error.byServer) {
        const size = open.reduce((sum, { document }) => sum + document.json.length, 0);
        lower(Math.floor(Math.min(size, limit) / 2));
      }
      const runs = cut(open, limit);
      const middle = Math.ceil(open.length / 2);
      const smaller = runs.length > 1 ? runs : [open.slice(0, middle), open.slice(middle)];
      for (const run of smaller) await deliverAll(run, stream, signal, passing);
    }
  }

  /** Bisects down to the documents that make a request fail. Throws if every request is refused. */
  async function findRefused(
    open: readonly Entry[],
    error: BulkRefusedError['refusal'],
    { stream, signal, passing }: { stream: Stream; signal: AbortSignal; passing: boolean },
  ): Promise<void> {
    if (!passing) await showPassing(error, stream, signal);
    const [only] = open;
    if (open.length === 1 && only !== undefined) {
      const reason = error instanceof BlockedError ? error.reason : error.message;
      only.outcome = { fate: 'rejected', reason };
      return;
    }
    const middle = Math.ceil(open.length / 2);
    for (const half of [open.slice(0, middle), open.slice(middle)]) {
      await deliverAll(half, stream, signal, true);
    }
    if (passing) return;
    const refused = open.flatMap(({ outcome }) => (outcome?.fate === 'rejected' ? [error.name] : []));
    const attempt = async (): Promise<Trial> => tryKnownGood(await deliveryTo(stream, signal));
    await breakOnRefusal('elasticsearch', refused, open.length, attempt);
  }

  /** Throws `ConfigError` unless requests other than this one reach Elasticsearch and are understood. */
  async function showPassing(
    error: BulkRefusedError['refusal'],
    stream: Stream,
    signal: AbortSignal,
  ): Promise<void> {
    if (error instanceof NotUnderstoodError) {
      if (answered) return;
      throw new ConfigError(
        `${error.message}: no bulk request was understood yet; does a proxy in the way change them?`,
        { cause: error },
      );
    }
    const attempt = async (): Promise<void> => knock(await deliveryTo(stream, signal));
    await retry(attempt, { policy, signal, what: `an empty bulk request to ${stream.name}`, log, meter });
  }

  function lower(bytes: number): void {
    const next = Math.max(bytes, SMALLEST_LIMIT);
    if (next >= limit) return;
    limit = next;
    log.warn({ request_bytes: limit }, 'the server finds bulk requests too large; sending smaller ones');
  }

  async function write(documents: readonly Document[], signal: AbortSignal): Promise<readonly Outcome[]> {
    signal.throwIfAborted();
    const entries: Entry[] = documents.map((document) => ({ document }));
    for (const dataset of new Set(documents.map((document) => document.dataset))) {
      const mine = entries.filter((entry) => entry.document.dataset === dataset);
      const stream = streamOf(dataset);
      await stream.proof({
        name: stream.name,
        entries: mine,
        refresh: () => lookAgain(stream, signal),
        send: async (entry) => {
          await deliverAll([entry], stream, signal);
          return entry.outcome?.fate === 'delivered' || entry.outcome?.fate === 'duplicate';
        },
        unseen: () =>
          log.warn({ stream: stream.name }, 'the server takes documents, but shows no such data stream'),
      });
      const rest = mine.filter(({ outcome }) => outcome === undefined);
      for (const run of cut(rest, limit)) await deliverAll(run, stream, signal);
    }
    return entries.map(({ outcome }) => {
      if (outcome === undefined) throw new Error('a document was left without an outcome');
      return outcome;
    });
  }

  const refreshed = new Set<string>();

  async function stored(documents: readonly Document[], signal: AbortSignal): Promise<readonly Presence[]> {
    const found = new Map<Document, Presence>();
    for (const dataset of new Set(documents.map((document) => document.dataset))) {
      const mine = documents.filter((document) => document.dataset === dataset);
      const stream = streamOf(dataset);
      const attempt = async (): Promise<readonly Presence[]> => {
        const { client } = await open(signal);
        const question = { client, stream, meter, log, signal };
        if (!refreshed.has(stream.name)) await refresh(question);
        refreshed.add(stream.name);
        return presenceIn(mine, question);
      };
      const what = `looking up documents in ${stream.name}`;
      const presences = await retry(attempt, { policy, signal, what, log, meter });
      for (const [at, document] of mine.entries()) found.set(document, presences[at] ?? { is: 'missing' });
    }
    return documents.map((document) => found.get(document) ?? { is: 'missing' });
  }

  return {
    write,
    stored,
    reach(signal) {
      const attempt = async () => reachOf((await open(signal)).client, options.namespace, signal);
      return retry(attempt, { policy, signal, what: 'reading the data streams', log, meter });
    },
    close: async () => {
      connected?.close();
    },
  };
}
