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
import type { Screen } from '../../terminal/screen.ts';
import { paragraph, tableOf } from '../../terminal/table.ts';
import { counted } from '../../terminal/words.ts';
import { printable } from '../../text/printable.ts';
import type { LedgerReport } from '../output.ts';

export interface DryRunOptions {
  readonly route: Route;
  readonly range: TimeRange;
  readonly shard?: Shard;
  readonly again: boolean;
  readonly name: string;
  readonly transform: Pick<Stages, 'decode' | 'filter' | 'map' | 'pages' | 'bounds'>;
  /** Screen for the human-readable details. */
  readonly screen: Screen | undefined;
  readonly report: LedgerReport;
}

interface Weight {
  documents: number;
  bytes: number;
}

/** What the range or the checkpoint excludes from reading, by counter. */
const LEFT_OUT = [
  ['objects_known', 'object already done', 'objects already done'],
  ['objects_outside', 'object outside the range by date', 'objects outside the range by date'],
  ['folders_skipped', 'folder outside the range by name', 'folders outside the range by name'],
  ['objects_of_other_shards', 'object of another shard', 'objects of other shards'],
  ['objects_ignored', 'empty object or connection test', 'empty objects and connection tests'],
  ['objects_failed', 'object that cannot be read', 'objects that cannot be read'],
  [
    'objects_ours',
    'object where state, letters or output are kept',
    'objects where state, letters or output are kept',
  ],
] as const;

/** Kinds listed in the table; the others share one row. */
const MOST_KINDS = 8;

const DELIVERED: Outcome = { fate: 'delivered' };

/**
 * One pass without a sink: takes no lease and writes no state or dead letters. Then reports what would be sent and what
 * it would cost; the counters are those of the ledger.
 */
export async function dryRunOf(options: DryRunOptions): Promise<number> {
  const { route, name, screen, report, range, shard } = options;
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
  const { documents, bytes } = sumOf(weights);
  session.meter.add('would_write_documents', documents);
  session.meter.add('would_write_bytes', bytes);
  const details =
    screen === undefined
      ? undefined
      : `${tableOfWeights(weights, screen)}\n\n${costOf(session.meter.counts, screen)}`;
  return conclude(session, (ledger) => report(ledger, details), {
    command: 'backfill',
    tally,
    error,
    complete,
    dryRun: true,
  });
}

/** For a backfill in progress, counts only what is left. */
async function savedParts(session: Session, name: string) {
  const store = await openState(session, false, 'read');
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

function tableOfWeights(weights: ReadonlyMap<string, Weight>, screen: Screen): string {
  const { documents, bytes } = sumOf(weights);
  const heaviest = [...weights].sort(([, a], [, b]) => b.bytes - a.bytes);
  const rows = heaviest.length > MOST_KINDS + 1 ? heaviest.slice(0, MOST_KINDS) : heaviest;
  const others = sumOf(new Map(heaviest.slice(rows.length)));
  return tableOf(
    screen,
    [{ head: 'would be sent' }, { head: 'documents', right: true }, { head: 'bytes', right: true }],
    [
      ...rows.map(([kind, weight]) => [printable(kind), weight.documents, weight.bytes]),
      ...(others.documents === 0
        ? []
        : [[counted(heaviest.length - rows.length, 'other kind'), others.documents, others.bytes]]),
      ['total', documents, bytes],
    ],
    { total: true },
  );
}

function costOf(counts: ReadonlyMap<string, number>, screen: Screen): string {
  const of = (name: string): number => counts.get(name) ?? 0;
  const requests =
    of('s3_list') + of('s3_get') === 0
      ? ''
      : `, with ${counted(of('s3_list'), 'LIST')} and ${counted(of('s3_get'), 'GET')}`;
  const left = LEFT_OUT.flatMap(([name, one, several]) =>
    of(name) === 0 ? [] : counted(of(name), one, several),
  );
  return [
    `Reads ${counted(of('objects_read'), 'object')} of ${counted(of('bytes_read'), 'byte')}${requests}.`,
    ...(left.length === 0 ? [] : [`Leaves out ${left.join(', ')}.`]),
    `Would write ${counted(of('would_write_documents'), 'document')}, ${counted(of('would_write_bytes'), 'byte')} before compression.`,
  ]
    .map((line) => paragraph(screen, line))
    .join('\n');
}

function sumOf(weights: ReadonlyMap<string, Weight>): Weight {
  const sum: Weight = { documents: 0, bytes: 0 };
  for (const { documents, bytes } of weights.values()) {
    sum.documents += documents;
    sum.bytes += bytes;
  }
  return sum;
}
