import { describeError } from '../../account/exit.ts';
import type { Finding, RunRef } from '../../contracts/types.ts';
import type { Session } from '../../session/session.ts';
import { RefusedError } from '../../stepsecurity/client.ts';
import { connect } from '../../stepsecurity/connect.ts';
import { askRun } from '../../stepsecurity/run.ts';

/** A run that does not exist: asking for it still shows whether the key is accepted. */
const NO_RUN: RunRef = { owner: 'stepsecurity-siem', repo: 'check', id: '1' };

/**
 * Whether the API in `enrichment.api` can be asked about runs. A source that answers such questions itself has its own
 * check.
 */
export async function* checkLookUps({
  route,
  context,
}: Pick<Session, 'route' | 'context'>): AsyncGenerator<Finding> {
  const { look_ups: wanted, api } = route.config.enrichment;
  if (!wanted || api === undefined) return;
  const check = 'enrichment';
  const { client, close } = connect(api, context);
  try {
    await askRun(client, NO_RUN, { signal: context.abort, retry: context.retry });
    yield { check, status: 'ok', detail: `${api.url} accepts the key` };
  } catch (error) {
    // The API does not know this owner, as expected; it would report a wrong key differently.
    if (error instanceof RefusedError && error.status === 403)
      yield { check, status: 'ok', detail: `${api.url} answers` };
    else
      yield {
        check,
        status: 'failed',
        detail: describeError(error),
        fix: 'Check enrichment.api; until it works, detections have no host and user.',
      };
  } finally {
    close();
  }
}
