/** What a shell takes as it is. */
const PLAIN = /^[\w./:@%+=,-]+$/;

/** A word of a command line, as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
