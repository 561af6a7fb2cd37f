import type { z } from 'zod';
import type { Finding, Log, Meter } from './types.ts';

/** How long and how eagerly to retry during an outage. All values in milliseconds. */
export interface RetryPolicy {
  /** The first wait is at most this long. */
  readonly initialMs: number;
  /** No wait is longer, unless the server asked for it. */
  readonly maxMs: number;
  /** After this long without success, the run stops with exit 4. */
  readonly maxElapsedMs: number;
}

/** What every source, sink and store may use. */
export interface Context {
  readonly log: Log;
  readonly meter: Meter;
  readonly retry: RetryPolicy;
  /** Aborted when the run must stop immediately (grace period over, lease lost). */
  readonly abort: AbortSignal;
}

/**
 * One kind of source or sink, as the registry lists it: a schema that validates its options, and a factory. The schema
 * is part of the published JSON Schema, so every option needs a `describe()`.
 */
export interface Component<Options, Extra, Made> {
  readonly schema: z.ZodType<Options>;
  /**
   * For the ledger and for people, for example `s3://bucket`. Known before anything is opened, and free of credentials.
   */
  name(options: Options): string;
  /** What the options refer to, without credentials: if it changes, the old checkpoint must not be reused. */
  identify(options: Options): string;
  create(options: Options, context: Context & Extra): Made | Promise<Made>;
  /**
   * For sources. True if the other side hands out the work, remembers what is done and lets us wait for news (a queue):
   * any number of runs can read concurrently, without lease or checkpoint, and passes follow each other without a
   * pause. Does not apply to a backfill.
   */
  readonly shared?: true;
  /** The doctor: harmless round trips, one finding each. Never throws because of the other side's answer. */
  check?(options: Options, context: Context & Extra): AsyncIterable<Finding>;
  /**
   * Prepares the other side; idempotent. Yields a line for each item and its outcome. With `print` it changes nothing
   * and yields what a person would have to install.
   */
  setup?(options: Options, context: Context, print: boolean): AsyncIterable<string>;
}

/** A component and the options given to it by a configuration. */
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
