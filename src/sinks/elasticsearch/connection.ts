import type { ClientRequest } from 'node:http';
import { errors, HttpConnection } from '@elastic/elasticsearch';
import { explained } from '../../net/tls-port.ts';

type Request = (...args: Parameters<HttpConnection['request']>) => Promise<unknown>;

/**
 * The client's connection, which would keep the text of a network error only, and wait for ever after an answer that is
 * not HTTP. Ours rejects with a `ConnectionError` that has the original as its cause.
 */
export function explainingConnection(direct: (url: URL) => boolean): typeof HttpConnection {
  return class extends HttpConnection {
    constructor(options: ConstructorParameters<typeof HttpConnection>[0]) {
      super(options);
      let fail = (_error: Error): void => undefined;
      const { makeRequest } = this;
      this.makeRequest = (...args: unknown[]): ClientRequest => {
        const request = Reflect.apply(makeRequest, undefined, args) as ClientRequest;
        return request.on('error', fail);
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
        // The client makes its request before this call returns: the failure of another cannot be taken for ours.
        const answered = plain(...args);
        // The one that comes second must not be an unhandled rejection.
        failed.catch(() => undefined);
        answered.catch(() => undefined);
        try {
          return await Promise.race([answered, failed]);
        } catch (error) {
          if (cause === undefined || cause.name === 'RequestAbortedError') throw error;
          const why = await explained(cause, this.url, direct(this.url));
          throw connectionError(why instanceof Error ? why : cause);
        }
      };
      this.request = request as HttpConnection['request'];
    }
  };
}

function connectionError(cause: Error): errors.ConnectionError {
  return Object.assign(new errors.ConnectionError(cause.message), { cause });
}
