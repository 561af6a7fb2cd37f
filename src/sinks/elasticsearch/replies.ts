import { errors, type HttpConnection } from '@elastic/elasticsearch';

const JSON_TYPE = /^application\/(?:vnd\.elasticsearch\+)?json\b/;

/**
 * A connection that accepts only Elasticsearch's own answers. The client would pass on a redirect, or an HTML page with
 * status 200, as a result without any of the expected fields. Both become a `ResponseError` here, once for all calls.
 */
export function jsonOnly(Base: typeof HttpConnection): typeof HttpConnection {
  return class extends Base {
    /** `never` fits each of the overloads; none of our calls asks for a stream. */
    override async request(...call: Parameters<HttpConnection['request']>): Promise<never> {
      const reply = await super.request(...call);
      const { statusCode, headers } = reply;
      const { length } = reply.body as unknown as Buffer;
      const isPage = statusCode < 300 && length > 0 && !JSON_TYPE.test(headers['content-type'] ?? '');
      if (!isPage && (statusCode < 300 || statusCode >= 400)) return reply as never;
      const [{ method, path }, { requestId, name, context }] = call;
      const request = { id: requestId, params: { method, path }, options: {} };
      throw new errors.ResponseError({
        statusCode,
        headers,
        body: undefined,
        warnings: null,
        meta: { context, name, request, connection: null, attempts: 0, aborted: false },
      });
    }
  };
}
