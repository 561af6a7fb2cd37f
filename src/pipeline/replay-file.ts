import { processBatch } from './batch.ts';
import type { DeadLetter } from './letter.ts';
import { replayLetters } from './replay-letters.ts';
import { type RangeReplay, replayRange } from './replay-range.ts';
import { inBatches, originOf } from './replay-reading.ts';
import type { Tally } from './tally.ts';
import { fold, newTally, settle, UNDECODABLE } from './tally.ts';

/** Sends what the letters of one file are about. Gives the letters that remain. */
export async function replayFile(
  letters: readonly DeadLetter[],
  options: RangeReplay,
): Promise<{ readonly tally: Tally; readonly left: readonly DeadLetter[] }> {
  const { source, stages, signal } = options;
  const left: DeadLetter[] = [];
  const single = letters.filter(({ rest, whole }) => rest === undefined && whole === undefined);
  const tally = await replayLetters(single, source, stages, (letter) => void left.push(letter), signal);
  for (const letter of letters) {
    if (letter.rest === undefined && letter.whole === undefined) continue;
    if (letter.whole === true) {
      const sent = await replayObject(letter, options);
      fold(tally, sent ?? untouched());
      if (sent === undefined) left.push(letter);
      continue;
    }
    const replayed = await replayRange(letter, options);
    fold(tally, replayed.tally);
    if (replayed.left !== undefined) left.push(replayed.left);
  }
  return { tally, left };
}

/**
 * Sends an object from the offset on at which it could not be read; undefined when it still cannot be read to its end.
 * It is read twice, so that nothing of it is sent in vain.
 */
async function replayObject(
  letter: DeadLetter,
  { source, stages, burial, signal }: RangeReplay,
): Promise<Tally | undefined> {
  const read = () => source.fetch?.(originOf(letter), letter.origin.offset, Number.POSITIVE_INFINITY) ?? [];
  let records = 0;
  for await (const { fault } of read()) {
    if (fault?.whole === true) return undefined;
    records += 1;
  }
  if (records === 0) return undefined;
  const tally = newTally();
  for await (const batch of inBatches(read(), () => true, stages.bounds)) {
    fold(tally, await processBatch({ records: batch }, { ...stages, burial }, signal));
  }
  return tally;
}

function untouched(): Tally {
  const tally = newTally();
  tally.read = 1;
  settle(tally, UNDECODABLE, 'dead_lettered');
  return tally;
}
