import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { SinkContext } from '../../contracts/sink.ts';
import type { Document, Outcome, Sink } from '../../contracts/types.ts';
import { createWindow } from '../../io/window.ts';
import { createAckQuery } from './ack-query.ts';
import { createAckWait } from './acks.ts';
import { checkEvent } from './check-event.ts';
import { comparison } from './comparison.ts';
import { connect } from './connection.ts';
import { createDelivery, type Item } from './deliver.ts';
import { createEnvelope } from './envelope.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createSender } from './logger.ts';
import type { SplunkHecOptions } from './options.ts';
import { createProbe } from './probe.ts';
import { chunksOf, guarded } from './requests.ts';

/**
 * The counter `possibly_duplicated` is an upper bound of the repeats, in documents. It counts a document once for
 * every time it was sent when it might already have been in Splunk: after a reply or an acknowledgement that never
 * came, or a refusal that may have kept part of the request. It also counts what a `write` that gives up leaves
 * behind, because the next run sends it again, and, with the first request, what earlier runs sent and did not
 * settle (`Sending`).
 */
export function createSplunkHecSink(
  options: SplunkHecOptions,
  { log, meter, retry: policy, sending, sourceLabel }: Context & SinkContext,
): Sink {
  const name = `splunk_hec ${new URL(options.url).origin}`;
  const connection = connect(options);
  const { endpoint, transport } = connection;
  const waitForAck = options.ack
    ? createAckWait({
        query: createAckQuery(connection, meter),
        refuse: (reason) => new ConfigError(`${name}: ${reason}`),
        pollMs: options.ack_interval,
        timeoutMs: options.ack_timeout,
        log,
      })
    : undefined;
  const delivery = createDelivery({
    send: createSender({ endpoint, transport, gzip: options.compression === 'gzip', meter }),
    window: createWindow(options.request_concurrency),
    waitForAck,
    index: options.index,
    checkEvent: () =>
      checkEvent(options, 'stepsecurity-siem: test event, sent because other events were refused'),
    announce: (documents) => sending?.announce(documents),
    policy,
    meter,
    log,
    name,
  });
  /** What earlier runs left, until this one has counted it. */
  let left = sending?.left ?? 0;
  const envelope = createEnvelope(options, sourceLabel);
  let greeted: Promise<unknown> | undefined;

  /** With acks, the load balancer's cookie must be set before the first two requests are sent in parallel. */
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
        mayBeIn: sending?.revisits ?? false,
        sent: false,
      }),
    );
    meter.add('possibly_duplicated', left);
    left = 0;
    try {
      await guarded(signal, (inner) =>
        chunksOf(items, options.request_bytes).map((chunk) => delivery.deliver(chunk, inner)),
      );
      return items.map((item) => {
        if (item.outcome === undefined) throw new Error('a document was left without an outcome');
        return item.outcome;
      });
    } catch (error) {
      const sent = items.filter((item) => item.sent && item.outcome?.fate !== 'rejected');
      const comeAgain = sent.filter((item) => item.mayBeIn).length;
      meter.add('possibly_duplicated', comeAgain);
      sending?.withdraw(items.filter((item) => item.sent).length - comeAgain);
      throw error;
    }
  }

  return {
    write,
    probe: createProbe(connection, options, { log, meter, retry: policy }, name),
    ...createHeartbeat(connection, options, name),
    search: (from, to) => comparison(options, from, to),
    close: async () => connection.close(),
  };
}
