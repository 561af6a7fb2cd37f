import { ConfigError } from '../../contracts/errors.ts';
import { RUN } from '../../session/lease.ts';
import { fingerprintsOf } from '../../session/memory.ts';
import { openState } from '../../session/stores.ts';
import { openCheckpoint } from '../../state/checkpoint.ts';
import { compareFingerprints, readHead } from '../../state/head.ts';
import { type AmendOptions, amending, confirm, noSuch } from './amend.ts';

/**
 * Makes a checkpoint continue with the sink as now configured: for a cluster with another node, a receiver with another
 * name, or a move. A checkpoint only remembers the source, so any sink may take over from another. The source and
 * identity must stay the same, because the checkpoint would not apply to others. Throws `LeaseError` if a run is
 * active.
 */
export async function adoptSink(options: AmendOptions, target = RUN): Promise<void> {
  const { session, print } = options;
  const store = await openState(session, true);
  if ((await readHead(store, target)) === undefined) throw await noSuch(store, target);
  await amending(options, store, target, async () => {
    const found = await readHead(store, target);
    if (found === undefined) throw new ConfigError(`the checkpoint ${target} was removed meanwhile`);
    const { fingerprints: saved } = found.head;
    const now = fingerprintsOf(session.route);
    compareFingerprints(`the state ${target} in ${store.name}`, { ...saved, sink: now.sink }, now);
    if (saved.sink === now.sink) {
      print(`The checkpoint ${target} already belongs to ${now.sink}.`);
      return;
    }
    print(`The checkpoint ${target} belongs to ${now.sink} from now on.`);
    print(`What was delivered to ${saved.sink} is not sent to it; \`backfill\` can send that too.`);
    confirm(options);
    const checkpoint = await openCheckpoint(store, target, saved, session.context.log, now);
    await checkpoint.save(new Map(), checkpoint.totals, { clean: checkpoint.uncleanRuns === 0 });
    print('done');
  });
}
