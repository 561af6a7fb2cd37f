import { ConfigError } from '../../contracts/errors.ts';
import type { Again, Parts, Revisit } from '../../contracts/source.ts';
import { RUN, underLease } from '../../session/lease.ts';
import { fingerprintsOf } from '../../session/memory.ts';
import type { Session } from '../../session/session.ts';
import { openState } from '../../session/stores.ts';
import { type Checkpoint, openCheckpoint, type Totals } from '../../state/checkpoint.ts';
import { compareFingerprints, forgetCheckpoint, headPath, readHead } from '../../state/head.ts';
import type { Store } from '../../state/store.ts';
import { printable } from '../../text/printable.ts';
import { checkpointNames, partsOf } from './show.ts';

export interface AmendOptions {
  readonly session: Session;
  /** Without it, nothing is changed, only announced. */
  readonly yes: boolean;
  readonly print: (line: string) => void;
}

/** Moves the source back to what was modified at `time` or later. Throws `LeaseError` if a run is active. */
export async function rewindState(options: AmendOptions, time: number): Promise<void> {
  await goBack(options, { since: time }, `modified since ${new Date(time).toISOString()}`);
}

/** Forgets a checkpoint by name, or what a run remembers about objects under a URI. */
export async function forgetState(options: AmendOptions, target: string): Promise<void> {
  if (!/^[\w.-]+$/.test(target)) {
    await goBack(options, { below: target }, `under ${target}`);
    return;
  }
  const { session, print } = options;
  const store = await openState(session, true);
  if ((await store.get(headPath(target))) === undefined) throw await noSuch(store, target);
  await amending(options, store, target, async () => {
    print(`The checkpoint ${target} will be removed, with its running totals.`);
    if (target === RUN) {
      print('The next run starts like a first run, at source.start, and reads everything from there again;');
      print(`${session.route.sink.repeats}.`);
    } else {
      print(
        'The same command will start from the beginning; if it is never run again, nothing else changes.',
      );
    }
    confirm(options);
    await forgetCheckpoint(store, target);
    print('done');
  });
}

async function goBack(options: AmendOptions, again: Again, which: string): Promise<void> {
  const { session, print } = options;
  const { route, context } = session;
  const { source, sink } = route;
  const { revisit } = source;
  if (source.shared)
    throw new ConfigError('the queue, not the state, remembers what to read; use backfill --from --to');
  if (revisit === undefined)
    throw new ConfigError(
      `the source ${route.config.source.type} remembers neither time nor place; \`state forget run\` starts from the beginning`,
    );
  const store = await openState(session, true);
  const plan = async (parts: Parts): Promise<Revisit> => {
    const planned = await revisit(again, parts, context);
    print(`The next run will read ${planned.objects} objects (${planned.bytes} bytes) ${which} again;`);
    print(`${sink.repeats}.`);
    return planned;
  };
  await amending(options, store, RUN, async () => {
    const found = await readHead(store, RUN);
    if (found === undefined)
      throw new ConfigError(`${store.name} has no checkpoint ${RUN}: everything will be read anyway`);
    const fingerprints = fingerprintsOf(route);
    compareFingerprints(`the state ${RUN} in ${store.name}`, found.head.fingerprints, fingerprints);
    if (!options.yes) {
      await plan(partsOf(store, RUN, found.head));
      confirm(options);
    }
    // Opened before anything is read from it: from here on, no one else can save.
    const checkpoint = await openCheckpoint(store, RUN, fingerprints, context.log);
    await change(store, checkpoint, plan);
    print('done');
  });
}

async function change(
  store: Store,
  checkpoint: Checkpoint,
  plan: (parts: Parts) => Promise<Revisit>,
): Promise<void> {
  const totals: Totals = checkpoint.totals;
  try {
    const head = await readHead(store, RUN);
    if (head === undefined) throw new ConfigError('the checkpoint was removed meanwhile');
    const { parts } = await plan(partsOf(store, RUN, head.head));
    // What is read again may be stored twice, and the next run counts it that way.
    await checkpoint.save(parts, totals, { clean: false, revisits: true });
  } catch (error) {
    await checkpoint.save(new Map(), totals, { clean: checkpoint.uncleanRuns === 0 });
    throw error;
  }
}

export async function noSuch(store: Store, target: string): Promise<ConfigError> {
  const names = printable((await checkpointNames(store)).join(', ')) || 'none';
  return new ConfigError(`${store.name} has no checkpoint ${printable(target)}; there are: ${names}`);
}

export function confirm({ yes }: AmendOptions): void {
  if (!yes) throw new ConfigError('nothing was changed; pass --yes to do it');
}

/** If the lease is lost, the save fails, because its new holder has opened the checkpoint since. */
export async function amending(
  options: AmendOptions,
  store: Store,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  const { session } = options;
  const { log } = session.context;
  const lost = (reason: Error): void => log.warn({ reason: reason.message }, 'the lease was lost');
  await underLease(session, store, name, lost, work);
}
