import type { Config } from '../../config/schema.ts';
import type { Context } from '../../contracts/component.ts';
import { ConfigError } from '../../contracts/errors.ts';
import type { Again, Parts, Revisit } from '../../contracts/source.ts';
import { RUN, underLease } from '../../pipeline/lease.ts';
import { fingerprintsOf, stateOf } from '../../pipeline/setting.ts';
import { sourceOf } from '../../sources/index.ts';
import { type Checkpoint, openCheckpoint, type Totals } from '../../state/checkpoint.ts';
import { compareFingerprints, forgetCheckpoint, headPath, readHead } from '../../state/head.ts';
import { openStore } from '../../state/index.ts';
import type { Store } from '../../state/store.ts';
import { printable } from '../../text/printable.ts';
import { checkpointNames, partsOf } from './show.ts';

export interface AmendOptions {
  readonly config: Config;
  readonly context: Context;
  /** Without it nothing is changed, only said. */
  readonly yes: boolean;
  readonly print: (line: string) => void;
}

/** What becomes of what is sent a second time. */
const SECOND_TIME: Record<Config['sink']['type'], string> = {
  elasticsearch: 'Elasticsearch drops what it has already (it counts as duplicate)',
  splunk_hec:
    'Splunk takes everything once more: each event then stands there twice, until the macro stepsecurity_dedup hides it',
  ndjson: 'the lines are appended once more',
};

/** The source goes back to what was modified at `time` or later. Throws `LeaseError` when a run is under way. */
export async function rewindState(options: AmendOptions, time: number): Promise<void> {
  await readAgain(options, { since: time }, `modified since ${new Date(time).toISOString()}`);
}

/** Forgets a checkpoint by its name, or what a run remembers of objects below a URI. */
export async function forgetState(options: AmendOptions, target: string): Promise<void> {
  if (!/^[\w.-]+$/.test(target)) {
    await readAgain(options, { below: target }, `below ${target}`);
    return;
  }
  const { config, context, print } = options;
  const store = await openStore(stateOf(config, true), context);
  if ((await store.get(headPath(target))) === undefined) throw await noSuch(store, target);
  await amending(options, store, target, async () => {
    print(`The checkpoint ${target} goes, with its running totals.`);
    if (target === RUN) {
      print(
        'The next run begins as a first one does, at source.start, and reads everything from there again;',
      );
      print(`${SECOND_TIME[config.sink.type]}.`);
    } else {
      print('The same command begins anew; if it is never given again, nothing else changes.');
    }
    confirm(options);
    await forgetCheckpoint(store, target);
    print('done');
  });
}

async function readAgain(options: AmendOptions, again: Again, which: string): Promise<void> {
  const { config, context, print } = options;
  const source = sourceOf(config.source);
  const { revisit } = source;
  if (source.shared)
    throw new ConfigError('the queue remembers what is to be read, not the state; use backfill --from --to');
  if (revisit === undefined)
    throw new ConfigError(
      `the source ${config.source.type} remembers neither time nor place; \`state forget run\` begins anew`,
    );
  const store = await openStore(stateOf(config, true), context);
  const plan = async (parts: Parts): Promise<Revisit> => {
    const planned = await revisit(again, parts, context);
    print(`The next run reads ${planned.objects} objects (${planned.bytes} bytes) ${which} again;`);
    print(`${SECOND_TIME[config.sink.type]}.`);
    return planned;
  };
  await amending(options, store, RUN, async () => {
    const found = await readHead(store, RUN);
    if (found === undefined)
      throw new ConfigError(`${store.name} has no checkpoint ${RUN}: everything is read anyway`);
    const fingerprints = fingerprintsOf(config);
    compareFingerprints(`the state ${RUN} in ${store.name}`, found.head.fingerprints, fingerprints);
    if (!options.yes) {
      await plan(partsOf(store, RUN, found.head));
      confirm(options);
    }
    // Opened before anything is read from it: from here on, nobody else can save.
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
    // Not clean: what comes again may stand twice, and the next run counts it so.
    await checkpoint.save(parts, totals, { clean: false });
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
  if (!yes) throw new ConfigError('nothing was changed; give --yes to do it');
}

/** Should the lease be lost, the save fails: its new holder has opened the checkpoint since. */
export async function amending(
  options: AmendOptions,
  store: Store,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  const { log } = options.context;
  const lost = (reason: Error): void => log.warn({ reason: reason.message }, 'the lease was lost');
  await underLease(options, store, name, lost, work);
}
