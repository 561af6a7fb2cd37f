import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import splunkLogging, { type Answer, type PostOptions } from 'splunk-logging';
import type { Meter } from '../../contracts/types.ts';
import { timed } from '../../io/timed.ts';
import type { Reply } from './classify.ts';
import type { Endpoint } from './endpoint.ts';
import type { Transport } from './transport.ts';

/*
 * The only file that knows splunk-logging. What it stands on, pinned by test/sinks/splunk-hec/logger.test.ts:
 *  - `flush` joins `serializedContextQueue` without separators and hands the text to `_post` as `options.body`, with the
 *    URL built from protocol, host, port and path, and the Authorization header set;
 *  - with `maxRetries: 0` it calls `_post` once, and its callback once, with what `_post` called back;
 *  - failures go through `error`, whose default prints the whole batch to stdout.
 * `send` is not used: it would turn `time` into text and wrap the event. A logger is made per request, because its queue
 * and its `_post` belong to one request and several are in flight.
 */

const gzip = promisify(gzipCallback);

export interface SenderOptions {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly gzip: boolean;
  readonly meter: Meter;
}

/** Sends the text of finished envelopes as one request. Rejects as the transport does. */
export type Sender = (text: string, signal: AbortSignal) => Promise<Reply>;

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

  async function post(options: PostOptions, signal: AbortSignal): Promise<Reply> {
    const raw = Buffer.from(options.body, 'utf8');
    const body = compress ? await gzip(raw, { level: 1 }) : raw;
    meter.add('bytes_sent_raw', raw.length);
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

  return (text, signal) =>
    new Promise<Reply>((resolve, reject) => {
      const logger = Object.assign(new splunkLogging.Logger<Reply>(config), {
        error: () => undefined,
        serializedContextQueue: [text],
        _post(options: PostOptions, answer: Answer<Reply>) {
          post(options, signal).then(
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
