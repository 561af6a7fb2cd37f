import { setImmediate as turn } from 'node:timers/promises';
import type { Log, Meter } from '../contracts/types.ts';
import type { InHand } from './in-hand.ts';
import { objectLetter } from './letter.ts';
import { named } from './named.ts';
import type { Chunk, ObjectRef, ResumePoint } from './object.ts';
import { waitFor } from './waiting.ts';

export interface OneAtATimeOptions {
  /** `s3` or `file`, for the origin of a dead letter. */
  readonly source: string;
  /** Chunks of these objects, in order; `entered` as in the options of `readObjects`. */
  readonly read: (refs: AsyncIterable<ObjectRef>, entered?: () => Promise<void>) => AsyncIterable<Chunk>;
  /** Absent if nothing is remembered: then everything is simply read. */
  readonly inHand: InHand | undefined;
  readonly resume: (ref: ObjectRef) => ResumePoint | undefined;
  /** An object is read after all others because processes died while reading it: progress need not wait for it. */
  readonly putOff?: (ref: ObjectRef) => void;
  readonly stop: AbortSignal;
  readonly log: Log;
  readonly meter: Meter;
}

/** The result of `oneAtATime`: the chunks, and the function to report settled ones to. */
export interface Custody {
  readonly chunks: AsyncGenerator<Chunk, void, undefined>;
  /** To be called with each settled chunk. */
  settle(chunk: Chunk): void;
}

/** How often the resume point is saved for a large object that is read alone. */
const SAVE_MS = 1_000;
/** A chunk that only requests a save of everything settled before it. */
const SAVE: Chunk = { records: [], bytes: 0, done: [], failed: [], missed: [], urgent: true };

/**
 * Reads objects like `read`, naming each in the state before it is opened. Objects that were in hand when a run
 * died are read alone: nothing else is fetched, framed, mapped or sent meanwhile, and everything settled before is
 * saved. If a process already died while reading one alone, it comes last, so that it does not block the others;
 * after three deaths, it becomes a dead letter without being opened.
 */
export function oneAtATime(refs: AsyncIterable<ObjectRef>, options: OneAtATimeOptions): Custody {
  const { inHand, read } = options;
  if (inHand === undefined) return { chunks: plainly(read(refs)), settle: () => undefined };
  return carefully(refs, { ...options, inHand });
}

function carefully(
  refs: AsyncIterable<ObjectRef>,
  options: OneAtATimeOptions & { readonly inHand: InHand },
): Custody {
  const { inHand, read, stop, log, meter } = options;
  let unsettled = 0;
  /** Something was settled that may not be saved yet. */
  let unsaved = false;
  let wake: (() => void) | undefined;

  const give = (chunk: Chunk): Chunk => {
    unsettled += 1;
    unsaved = chunk.urgent !== true;
    return chunk;
  };

  /** Waits until everything yielded is settled and its save has started. */
  const quiet = async (): Promise<void> => {
    for (;;) {
      if (unsettled === 0 || stop.aborted) break;
      const settled = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await waitFor(settled, stop, undefined);
    }
    await turn();
  };

  async function* alone(ref: ObjectRef): AsyncGenerator<Chunk> {
    await quiet();
    if (unsaved) {
      yield give(SAVE);
      await quiet();
    }
    if (stop.aborted) return;
    meter.add('objects_read_alone');
    const stopped = (): void => void inHand.excuse().catch(() => undefined);
    stop.addEventListener('abort', stopped, { once: true });
    try {
      await inHand.takeAlone(ref);
      let saved = 0;
      for await (const chunk of read(only(ref), () => inHand.entered())) {
        const due = chunk.resume === undefined || Date.now() - saved >= SAVE_MS;
        if (due) saved = Date.now();
        yield give(due ? { ...chunk, urgent: true } : chunk);
      }
      await quiet();
    } finally {
      stop.removeEventListener('abort', stopped);
    }
  }

  const killer = (ref: ObjectRef): Chunk => {
    const { deaths } = inHand.deathsOf(ref);
    log.error(
      { object: ref.uri, deaths },
      'an object killed the process each time it was read alone; it is a dead letter now: see dead-letters list',
    );
    const fault = {
      code: 'killed_process',
      reason: `the process died ${deaths} times while it read this object and nothing else (out of memory, or a crash of Node.js); give it more memory and replay it`,
    };
    const letter = objectLetter(options.source, ref, fault, options.resume(ref));
    return { records: [letter], bytes: 0, done: [ref], failed: [], missed: [], urgent: true };
  };

  async function* chunks(): AsyncGenerator<Chunk, void, undefined> {
    const { suspects } = inHand;
    if (suspects > 0)
      log.warn(
        { objects: suspects },
        'the last run died; the objects it was reading are now read one at a time',
      );
    const listing = refs[Symbol.asyncIterator]();
    const last: ObjectRef[] = [];
    let listed = false;
    let failure: { error: unknown } | undefined;
    /**
     * The next object. Keeps the end of the listing, or its failure, for later: everything listed before is still
     * read.
     */
    const next = async (): Promise<ObjectRef | undefined> => {
      try {
        const { value, done } = await listing.next();
        if (!done) return value;
      } catch (error) {
        failure = { error };
      }
      listed = true;
      return undefined;
    };
    try {
      for (;;) {
        if (listed || stop.aborted) break;
        const met: ObjectRef[] = [];
        const others = async function* (): AsyncGenerator<ObjectRef> {
          for (;;) {
            const ref = await next();
            if (ref === undefined) return;
            if (inHand.isSuspect(ref)) {
              met.push(ref);
              return;
            }
            yield ref;
          }
        };
        for await (const chunk of read(named(others(), inHand, stop))) yield give(chunk);
        for (const suspect of met) {
          const { deaths, tooMany } = inHand.deathsOf(suspect);
          if (tooMany) yield give(killer(suspect));
          else if (deaths === 0) yield* alone(suspect);
          else {
            last.push(suspect);
            options.putOff?.(suspect);
          }
        }
      }
      for (const ref of last) if (!stop.aborted) yield* alone(ref);
      if (failure !== undefined) throw failure.error;
      if (suspects === 0) return;
      await quiet();
      if (!stop.aborted) inHand.forgetUnmet();
    } finally {
      void listing.return?.(undefined)?.catch(() => undefined);
    }
  }

  return {
    chunks: chunks(),
    settle(chunk) {
      inHand.settle(chunk);
      unsettled = Math.max(0, unsettled - 1);
      if (unsettled === 0) wake?.();
    },
  };
}

async function* plainly(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk, void, undefined> {
  yield* chunks;
}

async function* only(ref: ObjectRef): AsyncGenerator<ObjectRef, void, undefined> {
  yield ref;
}
