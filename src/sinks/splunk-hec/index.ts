import { ConfigError } from '../../contracts/errors.ts';
import type { SinkComponent } from '../../contracts/sink.ts';
import type { Document, Outcome } from '../../contracts/types.ts';
import { makeWindow } from '../../io/window.ts';
import { makeAckQuery } from './ack-query.ts';
import { makeAckWait } from './acks.ts';
import { checkSplunkHec } from './check.ts';
import { checkEvent } from './check-event.ts';
import { comparison } from './comparison.ts';
import { connect } from './connection.ts';
import { type Item, makeDelivery } from './deliver.ts';
import { makeEnvelope } from './envelope.ts';
import { makeSender } from './logger.ts';
import { type SplunkHecOptions, splunkHecSchema } from './options.ts';
import { chunksOf, guarded } from './requests.ts';
import { setupText } from './setup-text.ts';

/**
 * Splunk's HTTP Event Collector. At least once: HEC knows no ids, so every event carries its uid, also as an indexed
 * field, and the add-on's macro `stepsecurity_dedup` drops repeats at search time.
 *
 * The counter `possibly_duplicated` is an upper bound of the repeats, in documents. It counts each document once for
 * every time it was sent while it may have been in Splunk already: after a reply that never came, an acknowledgement
 * that never came, or a refusal that may have kept a part of the request; also what such a `write` leaves behind when
 * it gives up, because the next run sends it again; and, when runs before did not end cleanly (`uncleanRuns`), the
 * first send of every document of this run, once for each of them: the sink cannot know where the unsaved window ends.
 */
export const splunkHec: SinkComponent<SplunkHecOptions> = {
  schema: splunkHecSchema,

  async *setup(options, _, print) {
    if (!print) yield 'Splunk is set up by hand or by its own tools; these are the steps:';
    yield setupText(options);
  },

  name: () => 'splunk_hec',
  identify: ({ url, index }) => `splunk_hec ${new URL(url).origin} ${index ?? '(default index)'}`,

  create(options, { log, meter, retry: policy, uncleanRuns, sourceName }) {
    const name = `splunk_hec ${new URL(options.url).origin}`;
    const connection = connect(options);
    const { endpoint, transport } = connection;
    const waitForAck = options.ack
      ? makeAckWait({
          query: makeAckQuery(connection, meter),
          refuse: (reason) => new ConfigError(`${name}: ${reason}`),
          pollMs: options.ack_poll,
          timeoutMs: options.ack_timeout,
          log,
        })
      : undefined;
    const delivery = makeDelivery({
      send: makeSender({ endpoint, transport, gzip: options.gzip, meter }),
      window: makeWindow(options.max_in_flight),
      waitForAck,
      index: options.index,
      checkEvent: () => checkEvent(options, 'stepsecurity-siem: what refuses other events takes this one'),
      policy,
      meter,
      log,
      name,
    });
    const envelope = makeEnvelope(options, sourceName);
    let greeted: Promise<unknown> | undefined;

    /** With acks the load balancer's cookie must be there before the first two requests go out side by side. */
    const greet = (signal: AbortSignal): Promise<unknown> =>
      transport({ method: 'GET', url: endpoint.url('health'), headers: {}, signal }).catch(() => undefined);

    async function write(documents: readonly Document[], signal: AbortSignal): Promise<readonly Outcome[]> {
      signal.throwIfAborted();
      if (documents.length === 0) return [];
      if (options.ack) await (greeted ??= greet(signal));
      const items = documents.map(
        (document): Item => ({
          document,
          envelope: envelope(document),
          mayBeIn: false,
          sent: false,
        }),
      );
      if (uncleanRuns > 0) meter.add('possibly_duplicated', documents.length * uncleanRuns);
      try {
        await guarded(signal, (inner) =>
          chunksOf(items, options.max_batch_bytes).map((chunk) => delivery.settle(chunk, inner)),
        );
        return items.map((item) => {
          if (item.outcome === undefined) throw new Error('a document was left without an outcome');
          return item.outcome;
        });
      } catch (error) {
        const left = items.filter((item) => item.sent && item.mayBeIn && item.outcome?.fate !== 'rejected');
        if (left.length > 0) meter.add('possibly_duplicated', left.length);
        throw error;
      }
    }

    return {
      schema: 'cim',
      write,
      search: (from, to) => comparison(options, from, to),
      close: async () => connection.close(),
    };
  },

  check: checkSplunkHec,
};
