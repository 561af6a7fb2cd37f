import { addFate, createTally, fold, type Tally, UNDECODABLE } from '../../../account/tally.ts';
import type { DeadLetter } from '../../../letters/letter.ts';
import { processBatch } from '../../../pipeline/batch.ts';
import { replayLetters } from './letters.ts';
import { type RangeReplay, replayRange } from './range.ts';
import { inBatches, originOf } from './reading.ts';

/** Resends what the letters of one file are about. Returns the letters that remain. */
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
      const replayed = await replayObject(letter, options);
      fold(tally, replayed.tally);
      if (replayed.left !== undefined) left.push(replayed.left);
      continue;
    }
    const replayed = await replayRange(letter, options);
    fold(tally, replayed.tally);
    if (replayed.left !== undefined) left.push(replayed.left);
  }
  return { tally, left };
}

/**
 * Resends an object from the offset where reading failed. It is read twice, so that nothing is sent in vain: if it
 * still cannot be read to the end, the letter remains. If told to stop, the letter remains from the place reached.
 */
async function replayObject(
  letter: DeadLetter,
  { source, stages, burial, stop, signal }: RangeReplay,
): Promise<{ readonly tally: Tally; readonly left: DeadLetter | undefined }> {
  const { offset } = letter.origin;
  const read = () => source.fetch?.(originOf(letter), offset, Number.POSITIVE_INFINITY) ?? [];
  let records = 0;
  for await (const { fault } of read()) {
    if (fault?.whole === true || stop.aborted) return { tally: untouched(), left: letter };
    records += 1;
  }
  // An object without records after the offset cannot be distinguished from one that is gone.
  if (records === 0) return { tally: untouched(), left: letter };
  const tally = createTally();
  let next: DeadLetter | undefined;
  for await (const batch of inBatches(read(), () => true, stages.bounds)) {
    const [first] = batch;
    if (stop.aborted && first !== undefined) {
      next = { ...letter, origin: { ...letter.origin, offset: first.offset } };
      fold(tally, untouched());
      break;
    }
    fold(tally, await processBatch({ records: batch }, { ...stages, burial }, signal));
  }
  return { tally, left: next };
}

function untouched(): Tally {
  const tally = createTally();
  tally.read = 1;
  addFate(tally, UNDECODABLE, 'dead_lettered');
  return tally;
}
