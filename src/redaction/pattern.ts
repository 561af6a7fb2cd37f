import { RE2JS } from 're2js';

/** A pattern of the operator's: RE2 never backtracks, so that its time is that of the text. */
export interface LinearPattern {
  /** Begin and end of each match that is not empty. */
  matches(text: string): Generator<readonly [number, number]>;
  /** Whether it matches the whole text. */
  isAll(text: string): boolean;
}

/** Undefined for what is no pattern in RE2's syntax. */
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
