import type { Context } from '../../contracts/component.ts';
import type { Sink } from '../../contracts/types.ts';
import { retry } from '../../io/retry.ts';
import type { Direct } from './direct.ts';

/**
 * `GET /`, which checks credentials before anything else (401). The role of a run may not ask it; the resulting 403
 * means that the credentials were accepted.
 */
export function createProbe(
  direct: Direct,
  { log, meter, retry: policy }: Context,
): NonNullable<Sink['probe']> {
  const what = 'greeting Elasticsearch';
  return (signal) => {
    const attempt = (): Promise<void> => {
      meter.add('probe_requests');
      return direct.request({ method: 'GET', path: '/', what, expected: [403] }, signal);
    };
    return retry(attempt, { policy, signal, what, log, meter });
  };
}
