import Table from 'cli-table3';
import { createTally, fold, keyIn } from '../../account/tally.ts';
import type { Route } from '../../config/route.ts';
import type { Shard, TimeRange } from '../../contracts/source.ts';
import type { Outcome, Sink } from '../../contracts/types.ts';
import { createBugs } from '../../pipeline/bugs.ts';
import { runPass } from '../../pipeline/pass.ts';
import type { Stages } from '../../pipeline/stages.ts';
import { conclude } from '../../session/conclude.ts';
import { withSource } from '../../session/ends.ts';
import { openSession, type Session } from '../../session/session.ts';
import { openState } from '../../session/stores.ts';
import { readPart } from '../../state/checkpoint.ts';
import { readHead } from '../../state/head.ts';
import { printable } from '../../text/printable.ts';

export interface DryRunOptions {
  readonly route: Route;
  readonly range: TimeRange;
  readonly shard?: Shard;
  readonly again: boolean;
  readonly name: string;
  readonly transform: Pick<Stages, 'decode' | 'filter' | 'map' | 'pages' | 'bounds'>;
  readonly print: (line: string) => void;
}

interface Weight {
  documents: number;
  bytes: number;
}

/** What a range or a checkpoint keeps from being read, by counter. */
const LEFT_OUT = [
  ['objects_known', 'objects done before'],
  ['objects_outside', 'objects by their date'],
  ['folders_skipped', 'folders by their name'],
  ['objects_of_other_shards', 'objects of other shards'],
  ['objects_ignored', 'empty ones and connection tests'],
  ['objects_failed', 'objects that cannot be read'],
  ['objects_ours', 'objects where state, letters or output lie'],
] as const;

const DELIVERED: Outcome = { fate: 'delivered' };

/** One pass into nothing: no lease, no state is written, no dead letter; then what it would send and cost. */
export async function dryRunOf(options: DryRunOptions): Promise<number> {
  const { route, name, print, range, shard } = options;
  const session = openSession(route);
  const { context, signals } = session;
  const tally = createTally();
  const weights = new Map<string, Weight>();
  const stages = { ...options.transform, sink: weigh(weights), bugs: createBugs(context.log) };
  let error: unknown;
  let complete = false;
  try {
    const reading = {
      ...(options.again ? {} : { part: await savedParts(session, name) }),
      backfill: range,
      ...(shard === undefined ? {} : { shard }),
    };
    const end = await withSource(session, reading, (source) =>
      runPass({
        source,
        stages,
        concurrency: route.config.pipeline.concurrency,
        stop: signals.stop,
        abort: signals.abort,
        acked: (batch) => fold(tally, batch),
      }),
    );
    error = end.error ?? (end.complete ? undefined : signals.stop.reason);
    complete = end.complete;
  } catch (failed) {
    error = failed;
  }
  session.close();
  print(summary(weights));
  print(cost(session.meter.counts, weights));
  return conclude(session, print, { command: 'backfill', tally, error, complete, dryRun: true });
}

/** A backfill under way is weighed from where it stands. */
async function savedParts(session: Session, name: string) {
  const store = await openState(session, false);
  const found = await readHead(store, name);
  return async (part: string) => readPart(store, name, part, found?.head.parts[part]);
}

function weigh(weights: Map<string, Weight>): Sink {
  return {
    async write(documents) {
      for (const { kind, json } of documents) {
        const key = keyIn(weights, kind);
        const weight = weights.get(key) ?? { documents: 0, bytes: 0 };
        weight.documents += 1;
        weight.bytes += json.length;
        weights.set(key, weight);
      }
      return documents.map(() => DELIVERED);
    },
  };
}

function summary(weights: ReadonlyMap<string, Weight>): string {
  const table = new Table({
    head: ['would be sent', 'documents', 'bytes'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right'],
  });
  for (const [kind, { documents, bytes }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    table.push([printable(kind), documents, bytes]);
  }
  table.push(['total', ...total(weights)]);
  return table.toString();
}

function cost(counts: ReadonlyMap<string, number>, weights: ReadonlyMap<string, Weight>): string {
  const of = (name: string): number => counts.get(name) ?? 0;
  const [documents, bytes] = total(weights);
  const left = LEFT_OUT.flatMap(([name, what]) => (of(name) === 0 ? [] : `${of(name)} ${what}`));
  return [
    `reads: ${of('objects_read')} objects, ${of('s3_list')} LIST and ${of('s3_get')} GET requests, ${of('bytes_read')} bytes`,
    ...(left.length === 0 ? [] : [`leaves out: ${left.join(', ')}`]),
    `would write: ${documents} documents, ${bytes} bytes before compression`,
  ].join('\n');
}

function total(weights: ReadonlyMap<string, Weight>): [number, number] {
  let documents = 0;
  let bytes = 0;
  for (const weight of weights.values()) {
    documents += weight.documents;
    bytes += weight.bytes;
  }
  return [documents, bytes];
}
