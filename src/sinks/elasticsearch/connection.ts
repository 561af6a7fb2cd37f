import type { ClientRequest } from 'node:http';
import { errors, HttpConnection } from '@elastic/elasticsearch';
import { explained } from '../../net/tls-port.ts';

type Request = (...args: Parameters<HttpConnection['request']>) => Promise<unknown>;

/**
 * The client's connection keeps only the text of a network error, waits forever after an answer that is not HTTP, and
 * restarts its timeout with each byte. Ours rejects with a `ConnectionError` that has the original as its cause and
 * names the host, also when a request and its reply take longer than the timeout.
 */
export function explainingConnection(direct: (url: URL) => boolean): typeof HttpConnection {
  return class extends HttpConnection {
    constructor(options: ConstructorParameters<typeof HttpConnection>[0]) {
      super(options);
      let fail = (_error: Error): void => undefined;
      let sent: ClientRequest | undefined;
      const { makeRequest } = this;
      this.makeRequest = (...args: unknown[]): ClientRequest => {
        sent = (Reflect.apply(makeRequest, undefined, args) as ClientRequest).on('error', fail);
        return sent;
      };
      const plain = this.request.bind(this) as Request;
      const request: Request = async (...args) => {
        let cause: Error | undefined;
        const failed = new Promise<never>((_, reject) => {
          fail = (error) => {
            cause ??= error;
            reject(error);
          };
        });
        const failThis = fail;
        // The client creates its request before this call returns, so another request's failure cannot be mistaken for
        // ours.
        const answered = plain(...args);
        const timer = deadline(args[1].timeout, sent, failThis);
        // The later of the two must not become an unhandled rejection.
        failed.catch(() => undefined);
        answered.catch(() => undefined);
        try {
          return await Promise.race([answered, failed]);
        } catch (error) {
          if (cause === undefined || cause.name === 'RequestAbortedError') throw error;
          const why = await explained(cause, this.url, direct(this.url));
          throw connectionError(why instanceof Error ? why : cause, this.url.host);
        } finally {
          clearTimeout(timer);
        }
      };
      this.request = request as HttpConnection['request'];
    }
  };
}

function deadline(
  ms: number | null | undefined,
  request: ClientRequest | undefined,
  fail: (error: Error) => void,
): NodeJS.Timeout | undefined {
  if (typeof ms !== 'number') return undefined;
  return setTimeout(() => {
    const late = Object.assign(new Error('no complete reply in time'), { code: 'REPLY_TIMEOUT' });
    fail(late);
    request?.destroy(late);
  }, ms);
}

function connectionError(cause: Error, host: string): errors.ConnectionError {
  return Object.assign(new errors.ConnectionError(cause.message), {
    cause: Object.assign(cause, { node: host }),
  });
}
