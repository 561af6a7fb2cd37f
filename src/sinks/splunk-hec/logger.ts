import splunkLogging, { type Answer, type PostOptions } from 'splunk-logging';
import type { Meter } from '../../contracts/types.ts';
import { timed } from '../../io/timed.ts';
import { gzipSlices } from '../gzip.ts';
import type { Reply } from './classify.ts';
import type { Endpoint } from './endpoint.ts';
import { bodyOf, bytesOf, type Envelope, slicesOf } from './envelope.ts';
import type { Transport } from './transport.ts';

/*
 * The only file that knows splunk-logging. It relies on the following, which test/sinks/splunk-hec/logger.test.ts pins:
 *  - `flush` calls `_post` with the URL built from protocol, host, port and path, and with the Authorization header set,
 *    even if its queue is empty. The body is not put in the queue, because the library would convert it to a string, and
 *    that back to bytes;
 *  - with `maxRetries: 0`, it calls `_post` once, and its callback once, with what `_post` called back;
 *  - failures go through `error`, which by default prints the whole batch to stdout.
 * `send` is not used: it would turn `time` into text and wrap the event. A logger is created per request, because its
 * `_post` belongs to one request and several are in flight.
 */

export interface SenderOptions {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly gzip: boolean;
  readonly meter: Meter;
}

/** The content of a request: envelopes, or finished text. */
type Content = readonly Envelope[] | string;

/** Sends one request. Rejects like the transport. */
export type Sender = (content: Content, signal: AbortSignal) => Promise<Reply>;

export function createSender({ endpoint, transport, gzip: compress, meter }: SenderOptions): Sender {
  const { base, token, channelHeader } = endpoint;
  const config = {
    token,
    protocol: base.protocol.slice(0, -1),
    host: base.hostname,
    port: base.port === '' ? (base.protocol === 'https:' ? 443 : 80) : Number(base.port),
    path: endpoint.path('event'),
    maxRetries: 0,
    maxBatchCount: 0,
  };

  const bodyFrom = (content: Content): Promise<Buffer> | Buffer => {
    if (typeof content !== 'string') return compress ? gzipSlices(slicesOf(content)) : bodyOf(content);
    const plain = Buffer.from(content);
    return compress ? gzipSlices([plain]) : plain;
  };

  async function post(content: Content, options: PostOptions, signal: AbortSignal): Promise<Reply> {
    const body = await bodyFrom(content);
    meter.add('bytes_sent_raw', typeof content === 'string' ? Buffer.byteLength(content) : bytesOf(content));
    meter.add('bytes_sent', body.length);
    const headers = {
      ...options.headers,
      'Content-Type': 'application/json',
      ...channelHeader,
      ...(compress && { 'Content-Encoding': 'gzip' }),
    };
    const exchange = { method: 'POST', url: options.url, headers, body, signal } as const;
    return timed(meter, 'hec_requests', () => transport(exchange));
  }

  return (content, signal) =>
    new Promise<Reply>((resolve, reject) => {
      const logger = Object.assign(new splunkLogging.Logger<Reply>(config), {
        error: () => undefined,
        _post(options: PostOptions, answer: Answer<Reply>) {
          post(content, options, signal).then(
            (reply) => answer(null, reply, reply.json),
            (error: unknown) => answer(error),
          );
        },
      });
      logger.flush((error, reply) => {
        if (reply === undefined) reject(error instanceof Error ? error : new Error(String(error)));
        else resolve(reply);
      });
    });
}
