import type { Config } from '../../config/schema.ts';
import type { Context } from '../../contracts/component.ts';
import type { Finding } from '../../contracts/types.ts';
import { commandContext } from '../../pipeline/command-context.ts';
import { describeError } from '../../pipeline/exit.ts';
import { sampleDocuments } from '../../pipeline/samples.ts';
import { sourceContextOf, stateOf } from '../../pipeline/setting.ts';
import { transformOf } from '../../pipeline/stages.ts';
import { shapeOf, sinkOf } from '../../sinks/index.ts';
import { sourceOf } from '../../sources/index.ts';
import { readPart } from '../../state/checkpoint.ts';
import { readHead } from '../../state/head.ts';
import { openStore, stores } from '../../state/index.ts';

/** Every check there is, in the order data flows. Yields, never throws: what goes wrong is a finding. */
export async function* doctor(config: Config): AsyncGenerator<Finding> {
  const { context, dispose } = commandContext(config);
  try {
    yield* guarded('source', checkSource(config, context));
    yield* guarded('state', checkState(config, context));
    yield* guarded('sink', checkSink(config, context));
  } finally {
    dispose();
  }
}

async function* guarded(check: string, findings: AsyncIterable<Finding>): AsyncGenerator<Finding> {
  try {
    yield* findings;
  } catch (error) {
    yield { check, status: 'failed', detail: describeError(error) };
  }
}

async function* checkSource(config: Config, context: Context): AsyncGenerator<Finding> {
  yield* sourceOf(config.source).check(sourceContextOf(config, context, async () => undefined));
}

async function* checkState(config: Config, context: Context): AsyncGenerator<Finding> {
  if (config.state === undefined && sourceOf(config.source).shared) return;
  if (config.state === undefined) {
    yield {
      check: 'state',
      status: 'warning',
      detail: 'not configured',
      fix: 'set state: run needs it to remember what it has done',
    };
  }
  const state = stateOf(config, false);
  yield* state.type === 'file' ? check(stores.file, state, context) : check(stores.s3, state, context);
  const store = await openStore(state, context);
  const found = await readHead(store, 'run');
  if (found === undefined) {
    yield { check: 'state', status: 'ok', detail: 'no run has been made yet' };
    return;
  }
  const { head } = found;
  for (const name of Object.keys(head.parts)) await readPart(store, 'run', name, head.parts[name]);
  const ended = head.clean ? 'ended cleanly' : 'is under way or did not end cleanly';
  yield {
    check: 'state',
    status: 'ok',
    detail: `the last run ${ended}; saved ${head.saved}, ${head.totals.read ?? 0} detections in all`,
  };
}

async function* check<Options>(
  store: { check?: (options: Options, context: Context) => AsyncIterable<Finding> },
  options: Options,
  context: Context,
): AsyncGenerator<Finding> {
  if (store.check !== undefined) yield* store.check(options, context);
}

async function* checkSink(config: Config, context: Context): AsyncGenerator<Finding> {
  const samples = sampleDocuments(transformOf(config, shapeOf(config.sink)));
  yield { check: 'mappings', status: 'ok', detail: `${samples.length} sample documents mapped` };
  yield* sinkOf(config.sink).check({ ...context, uncleanRuns: 0, samples: () => samples });
}
