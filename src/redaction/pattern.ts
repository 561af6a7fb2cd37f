import { RE2JS } from 're2js';

/** An operator's pattern. RE2 never backtracks, so it takes time proportional to the text. */
export interface LinearPattern {
  /** Start and end of each non-empty match. */
  matches(text: string): Generator<readonly [number, number]>;
  /** Whether it matches the whole text. */
  isAll(text: string): boolean;
}

/** Undefined if it is not a pattern in RE2 syntax. */
export function linearPattern(source: string): LinearPattern | undefined {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch {
    return undefined;
  }
  return {
    *matches(text) {
      const matcher = compiled.matcher(text);
      while (matcher.find()) {
        const from = matcher.start();
        const to = matcher.end();
        if (to > from) yield [from, to];
      }
    },
    isAll: (text) => compiled.matches(text),
  };
}
