import { describeError } from '../../account/exit.ts';
import type { Finding, RunRef } from '../../contracts/types.ts';
import type { Session } from '../../session/session.ts';
import { RefusedError } from '../../stepsecurity/client.ts';
import { connect } from '../../stepsecurity/connect.ts';
import { askRun } from '../../stepsecurity/run.ts';

/** A run that nobody has: whether the key is taken shows all the same. */
const NO_RUN: RunRef = { owner: 'stepsecurity-siem', repo: 'check', id: '1' };

/** Whether the API that `enrichment.api` names can be asked for runs. A source that is asked itself has its own check. */
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
    yield { check, status: 'ok', detail: `${api.url} takes the key` };
  } catch (error) {
    // It does not know the owner, which is no wonder; of a wrong key it would say so.
    if (error instanceof RefusedError && error.status === 403)
      yield { check, status: 'ok', detail: `${api.url} answers` };
    else
      yield {
        check,
        status: 'failed',
        detail: describeError(error),
        fix: 'Check enrichment.api; until then detections go without host and user.',
      };
  } finally {
    close();
  }
}
