/** Text that a shell takes literally. */
const PLAIN = /^[\w./:@%+=,-]+$/;

/** A word for a command line, quoted for a POSIX shell if necessary. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
