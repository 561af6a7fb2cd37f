import { Tokens } from './tokens.ts';
import { numberOf, type Row, valuesOf } from './values.ts';

export type Condition = (row: Row) => boolean;

/** Words may contain the characters of field names and bare values: dots, braces, colons, wildcards. */
const PIECE = /"(?:[^"\\]|\\.)*"|!=|<=|>=|[(),=<>]|[^\s(),=<>!"]+|\s+/y;

/**
 * Compiles the condition of `search`, eventtypes and `tstats WHERE`: comparisons with wildcards that ignore case, IN,
 * NOT, parentheses. Terms next to each other mean AND, and OR binds tighter than AND, unlike in `where`. Throws for
 * syntax it does not know.
 */
export function compileSearch(search: string): Condition {
  const tokens = new Tokens(search, PIECE);
  const condition = all(tokens);
  tokens.end();
  return condition;
}

/** The fields that a condition names. */
export function fieldsOfSearch(search: string): string[] {
  return [...search.matchAll(/([^\s(),=<>!"]+)\s*(?:=|!=|<=|>=|<|>|\sIN\b)/g)].map(
    ([, field]) => field ?? '',
  );
}

function all(tokens: Tokens): Condition {
  const terms = [either(tokens)];
  while (tokens.peek() !== undefined && tokens.peek()?.value !== ')') {
    tokens.take('AND');
    terms.push(either(tokens));
  }
  return (row) => terms.every((term) => term(row));
}

function either(tokens: Tokens): Condition {
  const sides = [term(tokens)];
  while (tokens.take('OR')) sides.push(term(tokens));
  return (row) => sides.some((side) => side(row));
}

function term(tokens: Tokens): Condition {
  if (tokens.take('NOT')) {
    const inner = term(tokens);
    return (row) => !inner(row);
  }
  if (!tokens.take('(')) return comparison(tokens);
  const inner = all(tokens);
  tokens.expect(')');
  return inner;
}

function comparison(tokens: Tokens): Condition {
  const field = tokens.next().value;
  const operator = tokens.next().value;
  if (operator === 'IN') {
    tokens.expect('(');
    const patterns = [wildcard(tokens.next().value)];
    while (tokens.take(',')) patterns.push(wildcard(tokens.next().value));
    tokens.expect(')');
    return (row) => valuesOf(row[field]).some((value) => patterns.some((pattern) => pattern.test(value)));
  }
  const wanted = tokens.next().value;
  if (operator === '=' || operator === '!=') {
    const pattern = wildcard(wanted);
    // `!=` matches nothing when the field is missing; NOT with `=` does.
    return (row) => valuesOf(row[field]).some((value) => pattern.test(value) === (operator === '='));
  }
  const ordered = ORDER[operator] ?? tokens.fail(`unknown operator ${operator}`);
  const bound = numberOf(wanted) ?? tokens.fail(`${wanted} is not a number`);
  return (row) => {
    const number = numberOf(row[field]);
    return number !== undefined && ordered(number, bound);
  };
}

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}
