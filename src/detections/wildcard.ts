/** The most alternatives that one pattern's braces may expand to. */
const MOST_ALTERNATIVES = 100;
const LONGEST_PATTERN = 1_000;

/** Whether a name matches. */
export type Matcher = (name: string) => boolean;

/**
 * Compiles a pattern: `*` matches any text without a slash, `**` any text, `?` one character except a slash, and
 * `{a,b}` a or b; `\` escapes the next character. Case is ignored. Matching time grows with the product of the
 * name's and the pattern's length, whatever their content: names come from repositories that anyone can create.
 * Throws an `Error` that says what is wrong with the pattern.
 */
export function compileWildcard(pattern: string): Matcher {
  if (pattern.length > LONGEST_PATTERN) throw new Error(`longer than ${LONGEST_PATTERN} characters`);
  const alternatives = expand(tokensOf(pattern.toLowerCase()));
  return (name) => {
    const lower = name.toLowerCase();
    return alternatives.some((tokens) => matches(tokens, lower));
  };
}

type Wild = 'any' | 'rest' | 'one';
/** A character in lower case, or a wildcard. */
type Token = { readonly is: Wild } | { readonly text: string };
type Part = Token | { readonly either: readonly (readonly Token[])[] };

function tokensOf(pattern: string): Part[] {
  const parts: Part[] = [];
  let either: Token[][] | undefined;
  const add = (token: Token): void => void (either?.at(-1) ?? parts).push(token);
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string;
    if (character === '\\') {
      const next = characters[++at];
      if (next === undefined) throw new Error('ends in a backslash');
      add(literal(next));
    } else if (character === '*') {
      const stars = characters[at + 1] === '*';
      if (stars) at += 1;
      add({ is: stars ? 'rest' : 'any' });
    } else if (character === '?') add({ is: 'one' });
    else if (character === '{') {
      if (either !== undefined) throw new Error('braces in braces');
      either = [[]];
    } else if (character === ',' && either !== undefined) either.push([]);
    else if (character === '}' && either !== undefined) {
      parts.push({ either });
      either = undefined;
    } else if ('}[]()!|'.includes(character)) {
      throw new Error(`${character} has no meaning: write \\${character} for the character itself`);
    } else add(literal(character));
  }
  if (either !== undefined) throw new Error('a brace is not closed');
  return parts;
}

function literal(character: string): Token {
  return { text: character };
}

function expand(parts: readonly Part[]): Token[][] {
  let all: Token[][] = [[]];
  for (const part of parts) {
    const choices = 'either' in part ? part.either : [[part]];
    if (all.length * choices.length > MOST_ALTERNATIVES)
      throw new Error(
        `its braces expand to over ${MOST_ALTERNATIVES} patterns: write some as separate patterns`,
      );
    all = all.flatMap((before) => choices.map((choice) => [...before, ...choice]));
  }
  return all;
}

/** Tracks all positions in the pattern that are reachable, character by character: nothing is tried twice. */
function matches(tokens: readonly Token[], name: string): boolean {
  const reached = new Uint32Array(tokens.length + 1);
  let step = 1;
  let places: number[] = [];
  const reach = (place: number, into: number[]): void => {
    let at = place;
    while (reached[at] !== step) {
      reached[at] = step;
      into.push(at);
      // A star may match nothing.
      const token = tokens[at];
      if (token === undefined || 'text' in token || token.is === 'one') return;
      at += 1;
    }
  };
  reach(0, places);
  for (const character of name) {
    const next: number[] = [];
    step += 1;
    for (const place of places) {
      const token = tokens[place];
      if (token === undefined) continue;
      if ('text' in token) {
        if (token.text === character) reach(place + 1, next);
      } else if (token.is === 'rest' || character !== '/')
        reach(token.is === 'one' ? place + 1 : place, next);
    }
    if (next.length === 0) return false;
    places = next;
  }
  return places.includes(tokens.length);
}
