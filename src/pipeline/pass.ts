import { setImmediate as turn } from 'node:timers/promises';
import type { Tally } from '../account/tally.ts';
import type { Batch, Sink, Source } from '../contracts/types.ts';
import { createWindow } from '../io/window.ts';
import { DEFAULT_BOUNDS } from '../session/bounds.ts';
import { anySignal } from '../session/signals.ts';
import { processBatch } from './batch.ts';
import { type Stages } from './stages.ts';

export interface PassOptions {
  readonly source: Source;
  readonly stages: Stages;
  /** Batches at the sink at the same time. */
  readonly concurrency: number;
  /** First signal: stop reading, finish the batches in flight. */
  readonly stop: AbortSignal;
  /** Grace period over, or lease lost: abort, ack nothing more. */
  readonly abort: AbortSignal;
  /** Called after each ack, in reading order. Awaited before the next ack, so that it can save. */
  readonly acked: (tally: Tally, batch: Batch) => void | Promise<void>;
}

/**
 * How a pass ended: how many batches were read but not acked (they are read again), and what stopped it, if
 * anything.
 */
export interface PassEnd {
  readonly unacked: number;
  /** Everything that the source had was read and settled: neither an error nor a signal ended the pass early. */
  readonly complete: boolean;
  readonly error?: unknown;
}

interface Flight {
  readonly cancel: AbortController;
  settled: Promise<void>;
}

/** Batches decoded and mapped while others are at the sink, so that one is ready as soon as there is room. */
const AHEAD = 2;

/**
 * The loop: read, process, ack. Up to `concurrency` batches are at the sink at the same time and a few more wait
 * for it; acks are made in reading order, and nothing else makes progress. When a batch fails, those before it
 * still finish (otherwise a bad batch could keep good ones from ever being acked), and those after it are given up.
 * Never throws.
 */
export async function runPass(options: PassOptions): Promise<PassEnd> {
  const { source, concurrency, stop, abort } = options;
  const stages = { ...options.stages, sink: inTurn(options.stages.sink, concurrency) };
  const quit = new AbortController();
  const flights: Flight[] = [];
  let failure: { error: unknown } | undefined;
  let last: Promise<void> = Promise.resolve();
  let unacked = 0;
  let exhausted = false;
  // A parsed record of many MiB takes many times its size: only one at a time.
  const alone = createWindow(1);
  const { bytes: ordinary } = stages.bounds ?? DEFAULT_BOUNDS;

  const processInTurn = (batch: Batch, signal: AbortSignal, turn: Promise<void>): Promise<Tally> => {
    const work = (): Promise<Tally> => processBatch(batch, stages, signal, turn);
    return batch.bytes > ordinary ? alone(work) : work();
  };

  // After an abort, work in progress fails with errors of its own; the abort reason says more.
  const cause = (error: unknown): unknown => (abort.aborted ? abort.reason : error);

  const fly = async (batch: Batch, flight: Flight, turn: Promise<void>): Promise<void> => {
    try {
      const tally = await processInTurn(batch, anySignal(abort, flight.cancel.signal), turn);
      await turn;
      if (failure !== undefined) return;
      abort.throwIfAborted();
      await batch.ack();
      unacked -= 1;
      await options.acked(tally, batch);
      stages.burial?.check();
    } catch (error) {
      for (const later of flights.slice(flights.indexOf(flight) + 1)) later.cancel.abort(error);
      quit.abort(error);
      await turn;
      failure ??= { error: cause(error) };
    } finally {
      flights.splice(flights.indexOf(flight), 1);
    }
  };

  try {
    for await (const batch of source.read(anySignal(stop, abort, quit.signal))) {
      if (quit.signal.aborted) break;
      const flight: Flight = { cancel: new AbortController(), settled: Promise.resolve() };
      flights.push(flight);
      unacked += 1;
      last = flight.settled = fly(batch, flight, last);
      // Lets finished work leave before the next batch is prepared.
      await turn();
      if (flights.length >= concurrency + AHEAD) await flights[0]?.settled;
      // A source may still have much in hand: it is read again.
      if (quit.signal.aborted || stop.aborted) break;
    }
    // Soon after a stop, the source ends as if there were no more.
    exhausted = !stop.aborted && !quit.signal.aborted;
  } catch (error) {
    // The source itself failed: everything it had yielded is still finished and acked.
    await last;
    failure ??= { error: cause(error) };
  }
  await last;
  if (failure !== undefined) return { unacked, complete: false, error: failure.error };
  if (abort.aborted) return { unacked, complete: false, error: abort.reason };
  return { unacked, complete: exhausted && source.leftUnread?.() !== true };
}

/**
 * The sink with at most `size` writes at a time, in reading order. After one fails, no further write is started:
 * all waiting ones were read later, and are given up.
 */
function inTurn(sink: Sink, size: number): Sink {
  const window = createWindow(size);
  let failed: { error: unknown } | undefined;
  const write: Sink['write'] = (documents, signal) =>
    window(async () => {
      if (failed !== undefined) throw failed.error;
      try {
        return await sink.write(documents, signal);
      } catch (error) {
        failed ??= { error };
        throw error;
      }
    });
  return { ...sink, write };
}
