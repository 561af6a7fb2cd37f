import type { z } from 'zod';
import type { Finding, Log, Meter } from './types.ts';

/** How long an outage is waited out, and how eagerly. All in milliseconds. */
export interface RetryPolicy {
  /** The first wait is at most this. */
  readonly initialMs: number;
  /** No wait is longer, save one the server asked for. */
  readonly maxMs: number;
  /** After this long without success the run stops with exit 4. */
  readonly maxElapsedMs: number;
}

/** What every source, sink and store may use. */
export interface Context {
  readonly log: Log;
  readonly meter: Meter;
  readonly retry: RetryPolicy;
  /** Aborted when the run must stop at once (grace over, lease lost). */
  readonly abort: AbortSignal;
}

/**
 * One kind of source or sink, as a registry lists it: a schema that checks its options, and a factory. The schema is
 * part of the published JSON Schema, so every option carries a `describe()`.
 */
export interface Component<Options, Extra, Made> {
  readonly schema: z.ZodType<Options>;
  /** For the ledger and for people, e.g. `s3://bucket`. Known before anything is opened, and without credentials. */
  name(options: Options): string;
  /** What the options name, without credentials: a change of it must not reuse the old checkpoint. */
  identify(options: Options): string;
  create(options: Options, context: Context & Extra): Made | Promise<Made>;
  /**
   * Of sources. True when the other side hands out the work, remembers what is done and lets us wait for news (a queue):
   * any number of runs read at once, without lease and checkpoint, and passes follow each other without a pause. Does
   * not hold for a backfill.
   */
  readonly shared?: true;
  /** The doctor: harmless round trips, one finding each. Never throws for what the other side says. */
  check?(options: Options, context: Context & Extra): AsyncIterable<Finding>;
  /**
   * Prepares the other side; idempotent. Yields a line for each thing and what became of it; with `print` it touches
   * nothing and yields what a person would install.
   */
  setup?(options: Options, context: Context, print: boolean): AsyncIterable<string>;
}

/** A component and the options that a configuration gives it. */
export interface Bound<Extra, Made> {
  readonly name: string;
  identify(): string;
  readonly shared: boolean;
  create(context: Context & Extra): Promise<Made>;
  check(context: Context & Extra): AsyncIterable<Finding>;
  setup(context: Context, print: boolean): AsyncIterable<string>;
}

export function bind<Options, Extra, Made>(
  component: Component<Options, Extra, Made>,
  options: Options,
): Bound<Extra, Made> {
  return {
    name: component.name(options),
    identify: () => component.identify(options),
    shared: component.shared === true,
    create: async (context) => component.create(options, context),
    async *check(context) {
      if (component.check !== undefined) yield* component.check(options, context);
    },
    async *setup(context, print) {
      if (component.setup !== undefined) yield* component.setup(options, context, print);
      else yield 'nothing to set up';
    },
  };
}
