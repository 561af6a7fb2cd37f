/** Longer values and words are not expanded: a short text could otherwise grow without bound. */
const LONGEST_VALUE = 100;

/** Stores what a word of the shell assigns. */
export function assign(word: string, variables: Map<string, string>): void {
  const equals = word.indexOf('=');
  if (equals < 1 || word.length - equals > LONGEST_VALUE || !/^\w+$/.test(word.slice(0, equals))) return;
  variables.set(word.slice(0, equals), word.slice(equals + 1));
}

/** Expands variables, including one that holds a program and its arguments (`$C` from `C='curl -N'`). */
export function expand(words: readonly string[], variables: ReadonlyMap<string, string>): string[] {
  if (variables.size === 0) return [...words];
  return words.flatMap((word) => {
    const whole = valueOf(word, variables);
    return whole === word ? [word] : whole.split(/\s+/);
  });
}

/** A word with its variables replaced by their values. */
export function valueOf(word: string, variables: ReadonlyMap<string, string>): string {
  if (!word.includes('$') || word.length > LONGEST_VALUE) return word;
  return word.replace(/\$\{?(\w+)\}?/g, (as, name: string) => variables.get(name) ?? as);
}
