import type { Context } from '../../contracts/component.ts';
import { ConfigError, RetryableError } from '../../contracts/errors.ts';
import type { Sink } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import type { Connection } from './connection.ts';
import type { SplunkHecOptions } from './options.ts';
import { post } from './post.ts';
import { judgeToken } from './token.ts';

/** A request without events. The health endpoint would not do: few receivers check the token there. */
export function createProbe(
  connection: Connection,
  { ack }: Pick<SplunkHecOptions, 'ack'>,
  { log, meter, retry: policy }: Pick<Context, 'log' | 'meter' | 'retry'>,
  name: string,
): NonNullable<Sink['probe']> {
  return (signal) => {
    const attempt = async (): Promise<void> => {
      meter.add('probe_requests');
      const verdict = judgeToken(await post(connection, Buffer.alloc(0), { name, signal }), ack);
      if (verdict.is === 'refused') throw new ConfigError(`${name}: ${verdict.reason}`);
      if (verdict.is === 'unknown') throw new RetryableError(verdict.reason, verdict);
    };
    return retry(attempt, { policy, signal, what: name, log, meter });
  };
}
