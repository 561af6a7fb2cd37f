/** A piece of an expression: a quoted text, a field in single quotes, a word or number, or an operator. */
export interface Token {
  readonly kind: 'text' | 'field' | 'word' | 'sign';
  readonly value: string;
}

/** Walks over tokens. Throws when the search ends too early or has an unexpected token. */
export class Tokens {
  #at = 0;
  readonly #tokens: readonly Token[];
  readonly #search: string;

  constructor(search: string, piece: RegExp) {
    this.#search = search;
    this.#tokens = tokenize(search, piece);
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) return this.fail('unfinished');
    return token;
  }

  /** Takes the next token if it is this operator or word, and says whether it did. */
  take(value: string): boolean {
    const token = this.peek();
    if (token?.value !== value || token.kind === 'text' || token.kind === 'field') return false;
    this.#at += 1;
    return true;
  }

  expect(value: string): void {
    if (!this.take(value)) this.fail(`${value} expected, found ${this.peek()?.value ?? 'the end'}`);
  }

  end(): void {
    const rest = this.peek();
    if (rest !== undefined) this.fail(`left over: ${rest.value}`);
  }

  fail(why: string): never {
    throw new Error(`${why}: ${this.#search}`);
  }
}

function tokenize(search: string, piece: RegExp): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < search.length) {
    piece.lastIndex = at;
    const [found] = piece.exec(search) ?? [];
    if (found === undefined) throw new Error(`cannot read ${search.slice(at)}: ${search}`);
    at += found.length;
    if (found.trim() !== '') tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf(found: string): Token {
  if (found.startsWith('"'))
    return { kind: 'text', value: found.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') };
  if (found.startsWith("'")) return { kind: 'field', value: found.slice(1, -1) };
  return { kind: /^[\w@*]/.test(found) ? 'word' : 'sign', value: found };
}
