import { addFate, fold, type Tally, UNDECODABLE } from '../../../account/tally.ts';
import type { Context } from '../../../contracts/component.ts';
import type { DeadLetters, LetterFile } from '../../../letters/dead-letters.ts';
import { grouped } from '../../../letters/grouped.ts';
import { countOf, type DeadLetter } from '../../../letters/letter.ts';
import { spoken } from '../../../redaction/spoken.ts';

/** After this many replays died on a letter, it is left alone. */
const MAX_TRIES = 3;

export interface Replaying {
  readonly letters: DeadLetters;
  readonly isChosen: (letter: DeadLetter) => boolean;
  /** Resends what some letters of one file are about, and returns those that remain. */
  readonly send: (
    letters: readonly DeadLetter[],
  ) => Promise<{ readonly tally: Tally; readonly left: readonly DeadLetter[] }>;
  readonly stop: AbortSignal;
  readonly log: Context['log'];
  readonly tally: Tally;
}

/**
 * Replays the chosen letters, file by file. Each try is recorded in the file before it is made. If the process dies
 * during it, the next replay leaves that file until last and takes its letters object by object, so that one that kills
 * the process does not block the others. One that has killed it three times is left alone. Returns false if it was told
 * to stop before the end.
 */
export async function replayFiles(replaying: Replaying): Promise<boolean> {
  const { letters, isChosen, stop } = replaying;
  const suspects: string[] = [];
  for await (const file of letters.files()) {
    if (stop.aborted) return false;
    if (file.letters.some(({ tries }) => tries !== undefined)) suspects.push(file.name);
    else await attempt(file, file.letters.filter(isChosen), replaying);
  }
  const alone: string[] = [];
  for (const name of suspects) {
    const file = await letters.file(name);
    if (file === undefined) continue;
    const parts = byObject(file.letters);
    alone.push(...(parts.length > 1 ? await letters.split(file, parts) : [name]));
  }
  for (const name of alone) {
    if (stop.aborted) return false;
    const file = await letters.file(name);
    if (file === undefined) continue;
    const chosen = file.letters.filter(isChosen);
    const spent = chosen.filter(({ tries = 0 }) => tries >= MAX_TRIES);
    for (const letter of spent) leaveAlone(letter, replaying);
    if (spent.length === 0) await attempt(file, chosen, replaying);
  }
  return true;
}

/** Replays the chosen letters, however often the process died on them: someone named them explicitly. */
export async function replayNamed({ isChosen, ...replaying }: Replaying): Promise<boolean> {
  const { letters, stop } = replaying;
  for await (const file of letters.files()) {
    if (stop.aborted) return false;
    await attempt(file, file.letters.filter(isChosen), replaying);
  }
  return true;
}

/** Records the try, sends, and stores what remains. The count only stays if the process died in between. */
async function attempt(
  file: LetterFile,
  chosen: readonly DeadLetter[],
  { letters, send, log, tally }: Omit<Replaying, 'isChosen'>,
): Promise<void> {
  if (chosen.length === 0) return;
  const isChosen = new Set(chosen);
  const marked = await letters.replace(
    file,
    file.letters.map((one) => (isChosen.has(one) ? { ...one, tries: (one.tries ?? 0) + 1 } : one)),
  );
  // Others are adding to it: leave it to the next replay.
  if (marked === undefined) return;
  const others = file.letters.filter((one) => !isChosen.has(one));
  let remaining = file.letters;
  try {
    const { tally: sent, left } = await send(chosen);
    fold(tally, sent);
    remaining = [...others, ...left.map(untried)];
  } finally {
    // An outage or a signal does not count as a death.
    const put = await letters.replace(marked, remaining);
    if (put === undefined && remaining.length > 0)
      log.info(
        { file: file.name },
        'something was added to these letters meanwhile; the next replay will send them again',
      );
  }
}

/** The try came to an end, whatever the result. */
function untried(letter: DeadLetter): DeadLetter {
  const { tries: _, ...rest } = letter;
  return rest;
}

function leaveAlone(letter: DeadLetter, { log, tally }: Replaying): void {
  const { id, origin, tries } = letter;
  const count = countOf(letter);
  tally.read += count;
  addFate(tally, UNDECODABLE, 'dead_lettered', count);
  log.error(
    { letter: id.slice(0, 8), object: spoken(origin.uri).slice(0, 1_024), tries },
    'the process died each time this letter was replayed, so it is now left alone; with more memory or a later version, name it explicitly: dead-letters replay ID',
  );
}

function byObject(letters: readonly DeadLetter[]): readonly (readonly DeadLetter[])[] {
  return grouped(letters, ({ origin: { source, uri, version } }) => JSON.stringify([source, uri, version]));
}
