import type { Context } from '../../contracts/component.ts';
import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import type { Sink } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import { classifyFailure, type Reply } from './classify.ts';
import type { Connection } from './connection.ts';
import type { SplunkHecOptions } from './options.ts';
import { judgeToken } from './token.ts';
import { NoReplyError } from './transport.ts';

/** A request without events. The health endpoint would not do: few receivers look at the token there. */
export function createProbe(
  { endpoint, transport }: Connection,
  { ack }: Pick<SplunkHecOptions, 'ack'>,
  { log, meter, retry: policy }: Pick<Context, 'log' | 'meter' | 'retry'>,
  name: string,
): NonNullable<Sink['probe']> {
  const ask = async (signal: AbortSignal): Promise<Reply> => {
    meter.add('probe_requests');
    try {
      return await transport({
        method: 'POST',
        url: endpoint.url('event'),
        headers: {
          Authorization: `Splunk ${endpoint.token}`,
          'Content-Type': 'application/json',
          ...endpoint.channelHeader,
        },
        body: Buffer.alloc(0),
        signal,
      });
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
      const verdict = classifyFailure(error.cause, error.connected);
      const reason = 'reason' in verdict ? verdict.reason : error.message;
      if (verdict.act === 'config') throw new ConfigError(`${name}: ${reason}`, { cause: error });
      throw new RetryableError(reason, { cause: error });
    }
  };
  return (signal) => {
    const attempt = async (): Promise<void> => {
      const verdict = judgeToken(await ask(signal), ack);
      if (verdict.is === 'refused') throw new ConfigError(`${name}: ${verdict.reason}`);
      if (verdict.is === 'unknown') throw new RetryableError(verdict.reason, verdict);
    };
    return retry(attempt, { policy, signal, what: `an empty request to ${name}`, log, meter });
  };
}
