import { EXIT, exitCodeOf } from '../account/exit.ts';
import type { Fault, Log, SourceRecord } from '../contracts/types.ts';
import type { Decoded, DecodedRecord, Entries } from '../detections/decoded.ts';
import { spoken } from '../redaction/spoken.ts';

/**
 * Turns an error of this program while it works on one record into a fault of that record, instead of the end of
 * the run.
 */
export interface Bugs {
  /** Logs a bug, once per place in the code. Rethrows anything that is not a bug. */
  faultOf(error: unknown, record: Pick<SourceRecord, 'origin' | 'offset'>): Fault;
}

/** The most places in the code that are logged; more in one run would say nothing new. */
const MAX_LOGGED = 50;
const MAX_WORDS = 200;
const MAX_STACK = 4_096;
const MAX_URI = 1_024;

export function createBugs(log: Log): Bugs {
  const logged = new Set<string>();
  return {
    faultOf(error, { origin, offset }) {
      if (exitCodeOf(error, 0) !== EXIT.bug) throw error;
      const words = wordsOf(error);
      const stack = framesOf(error);
      if (!logged.has(stack) && logged.size < MAX_LOGGED) {
        logged.add(stack);
        log.error(
          { object: spoken(origin.uri).slice(0, MAX_URI), offset, bug: words, stack },
          'a bug in this program: the record is a dead letter, the others continue; report the bug with this line',
        );
      }
      return { code: 'internal_error', reason: `a bug in this program, please report it: ${words}` };
    },
  };
}

/**
 * Reads records like `decode`. If that throws, the records it had not yet yielded are read one at a time, and one
 * for which it throws again gets the fault.
 */
export function* decodeSafely(
  records: readonly SourceRecord[],
  decode: (records: readonly SourceRecord[]) => Iterable<DecodedRecord>,
  bugs: Bugs,
): Generator<DecodedRecord, void, undefined> {
  let last: SourceRecord | undefined;
  try {
    for (const read of decode(records)) {
      last = read.record;
      yield read;
    }
    return;
  } catch (error) {
    const [first] = records;
    if (first === undefined) throw error;
    if (records.length === 1) {
      yield { record: first, entries: [{ fault: bugs.faultOf(error, first) }] };
      return;
    }
  }
  const from = last === undefined ? 0 : records.indexOf(last) + 1;
  for (const record of records.slice(from)) yield* decodeSafely([record], decode, bugs);
}

/** The entry at an index; members of a group are decoded only at this point. */
export function entryAt(
  { record, entries }: { readonly record: SourceRecord; readonly entries: Entries },
  index: number,
  bugs: Bugs,
): Decoded | undefined {
  try {
    return entries.at(index);
  } catch (error) {
    return { fault: bugs.faultOf(error, record), index };
  }
}

/**
 * Name and message, unless the message contains content: among V8's messages, only those of a parser quote their
 * input.
 */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something other than an error was thrown';
  if (error.name === 'SyntaxError') return error.name;
  return spoken(`${error.name}: ${error.message}`).slice(0, MAX_WORDS).replaceAll('\n', ' ');
}

function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
  return frames.join('\n').slice(0, MAX_STACK);
}
