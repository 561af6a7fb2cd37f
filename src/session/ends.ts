import { ownPlaceTest } from '../config/own-places.ts';
import type { Config } from '../config/schema.ts';
import type { Context } from '../contracts/component.ts';
import type { Sending, SinkContext } from '../contracts/sink.ts';
import type { Limits, SourceContext } from '../contracts/source.ts';
import type { Log, Sink, Source } from '../contracts/types.ts';
import type { DeadLetters } from '../letters/dead-letters.ts';
import { type AskRun, withAskRun } from './ask-run.ts';
import type { Session } from './session.ts';
import { openLetters } from './stores.ts';

/** The open source and sink, and what goes with them. */
export interface Ends {
  readonly source: Source;
  readonly sink: Sink;
  /** Looks up runs, where that is possible. */
  readonly askRun: AskRun | undefined;
  readonly deadLetters: DeadLetters;
}

/** What to read, and what is already known about it. Without parts, everything is read from the beginning. */
export type Reading = Partial<Pick<SourceContext, 'part' | 'note' | 'backfill' | 'shard'>>;

/** Opens source, sink and dead letters, runs `work`, and closes them whatever happens. */
export function withEnds<T>(
  session: Session,
  { sending, ...reading }: Reading & { readonly sending?: Sending },
  work: (ends: Ends) => Promise<T>,
): Promise<T> {
  const { route, context } = session;
  return withSource(session, reading, async (source) => {
    const deadLetters = await openLetters(session);
    const sink = await route.sink.create(sinkContextOf(session, sending));
    return closingAfter(sink, context.log, () =>
      withAskRun(session, source, (askRun) => work({ source, sink, askRun, deadLetters })),
    );
  });
}

export async function withSource<T>(
  session: Session,
  reading: Reading,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  const { route, context } = session;
  const source = await route.source.create(sourceContextOf(session, reading));
  return closingAfter(source, context.log, () => work(source));
}

/** What a source gets in addition to the common context. */
export function sourceContextOf({ route, context }: Session, reading: Reading = {}): Context & SourceContext {
  const { config } = route;
  const isOurs = ownPlaceTest(route);
  return {
    ...context,
    part: async () => undefined,
    ...reading,
    ...(isOurs === undefined ? {} : { isOurs }),
    ...(config.receive !== undefined && { mayBeEmpty: true }),
    batch: { maxBytes: config.pipeline.batch_bytes, maxRecords: config.pipeline.batch_records },
    limits: limitsOf(config),
  };
}

function sinkContextOf({ route, context }: Session, sending: Sending | undefined): Context & SinkContext {
  const samples = async () => {
    const { everySample } = await import('./samples.ts');
    return everySample(route);
  };
  return { ...context, sending, sourceLabel: route.source.label, samples };
}

export function limitsOf({ limits }: Pick<Config, 'limits'>): Limits {
  return {
    recordBytes: limits.record_bytes,
    objectBytes: limits.object_bytes,
    expansion: limits.expansion,
    zstdWindowBytes: limits.zstd_window_bytes,
  };
}

async function closingAfter<T>(
  opened: { close?(): Promise<void> },
  log: Log,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    await opened
      .close?.()
      .catch((error: unknown) => log.warn({ reason: String(error) }, 'could not close cleanly'));
  }
}
