import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import { classifyFailure, type Reply } from './classify.ts';
import type { Connection } from './connection.ts';
import { NoReplyError } from './transport.ts';

/**
 * Sends one request to the event endpoint, apart from deliveries, and returns any reply. Throws `ConfigError` or
 * `RetryableError` if none comes. `name` is the receiver's, for messages.
 */
export async function post(
  { endpoint, transport }: Connection,
  body: Buffer,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Reply> {
  try {
    return await transport({
      method: 'POST',
      url: endpoint.url('event'),
      headers: {
        Authorization: `Splunk ${endpoint.token}`,
        'Content-Type': 'application/json',
        ...endpoint.channelHeader,
      },
      body,
      signal,
    });
  } catch (error) {
    if (!(error instanceof NoReplyError)) throw error;
    const verdict = classifyFailure(error.cause, error.connected);
    const reason = 'reason' in verdict ? verdict.reason : error.message;
    if (verdict.act === 'config') throw new ConfigError(`${name}: ${reason}`, { cause: error });
    throw new RetryableError(`${name}: ${reason}`, { cause: error });
  }
}
