import { call } from './functions.ts';
import { Tokens } from './tokens.ts';
import { compare, numberOf, type Row, textOf, type Value } from './values.ts';

/** The result of an expression: a value, or the answer of a condition. `undefined` is SPL's NULL. */
export type Outcome = Value | boolean;
export type Expression = (row: Row, now: number) => Outcome;

/** A dot is the operator that joins texts: a field with a dot or a brace in its name needs single quotes. */
const PIECE = /"(?:[^"\\]|\\.)*"|'[^']*'|==|!=|<=|>=|[-+*/%.(),=<>]|\d+(?:\.\d+)?|[A-Za-z_]\w*|\s+/y;

/** Compiles an expression of `eval` and `where`. Throws for syntax it does not know. */
export function compileExpression(text: string): Expression {
  const tokens = new Tokens(text, PIECE);
  const expression = either(tokens);
  tokens.end();
  return expression;
}

/** The assignments of `eval`; each one sees those before it. */
export function compileAssignments(text: string): (readonly [string, Expression])[] {
  const tokens = new Tokens(text, PIECE);
  const assignments: (readonly [string, Expression])[] = [];
  do {
    const { kind, value } = tokens.next();
    if (kind === 'sign') tokens.fail(`no field to assign to: ${value}`);
    tokens.expect('=');
    assignments.push([value, either(tokens)]);
  } while (tokens.take(','));
  tokens.end();
  return assignments;
}

function either(tokens: Tokens): Expression {
  const sides = [both(tokens)];
  while (tokens.take('OR')) sides.push(both(tokens));
  return sides.length === 1 ? first(sides) : (row, now) => anyOf(sides.map((side) => side(row, now)));
}

function both(tokens: Tokens): Expression {
  const sides = [negated(tokens)];
  while (tokens.take('AND')) sides.push(negated(tokens));
  return sides.length === 1 ? first(sides) : (row, now) => allOf(sides.map((side) => side(row, now)));
}

/** NULL is neither true nor false: NOT NULL is NULL, and `where` drops the row. */
function anyOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes(true)) return true;
  return outcomes.includes(undefined) ? undefined : false;
}

function allOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes(false)) return false;
  return outcomes.includes(undefined) ? undefined : true;
}

function negated(tokens: Tokens): Expression {
  if (!tokens.take('NOT')) return comparison(tokens);
  const inner = negated(tokens);
  return (row, now) => {
    const outcome = inner(row, now);
    return outcome === undefined ? undefined : outcome !== true;
  };
}

const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

function comparison(tokens: Tokens): Expression {
  const left = sum(tokens);
  const sign = tokens.peek();
  const holds = sign?.kind === 'sign' ? COMPARE[sign.value] : undefined;
  if (holds === undefined) return left;
  tokens.next();
  const right = sum(tokens);
  return (row, now) => {
    const [a, b] = [left(row, now), right(row, now)];
    if (a === undefined || b === undefined) return undefined;
    if (typeof a === 'object' || typeof b === 'object' || typeof a === 'boolean' || typeof b === 'boolean')
      return tokens.fail('compared with a list or a condition');
    return holds(compare(a, b));
  };
}

function sum(tokens: Tokens): Expression {
  let left = product(tokens);
  for (;;) {
    const [a, sign] = [left, tokens.peek()?.value];
    if (!['+', '-', '.'].some((one) => tokens.take(one))) return left;
    const b = product(tokens);
    left = (row, now) => {
      const [x, y] = [a(row, now) as Value, b(row, now) as Value];
      if (x === undefined || y === undefined) return undefined;
      if (sign === '.') return `${textOf(x)}${textOf(y)}`;
      const [m, n] = [numberOf(x), numberOf(y)];
      if (m === undefined || n === undefined) return undefined;
      return sign === '+' ? m + n : m - n;
    };
  }
}

function product(tokens: Tokens): Expression {
  let left = operand(tokens);
  for (;;) {
    const [a, sign] = [left, tokens.peek()?.value];
    if (!tokens.take('*') && !tokens.take('/')) return left;
    const b = operand(tokens);
    left = (row, now) => {
      const [m, n] = [numberOf(a(row, now) as Value), numberOf(b(row, now) as Value)];
      if (m === undefined || n === undefined || (sign === '/' && n === 0)) return undefined;
      return sign === '*' ? m * n : m / n;
    };
  }
}

function operand(tokens: Tokens): Expression {
  const { kind, value } = tokens.next();
  if (kind === 'text') return () => value;
  if (kind === 'field') return (row) => row[value];
  if (value === '(') {
    const inner = either(tokens);
    tokens.expect(')');
    return inner;
  }
  if (value === '-') {
    const positive = operand(tokens);
    return (row, now) => -Number(positive(row, now));
  }
  if (kind === 'sign') return tokens.fail(`unexpected ${value}`);
  if (/^\d/.test(value)) return () => Number(value);
  if (!tokens.take('(')) return (row) => row[value];
  const args: Expression[] = [];
  if (!tokens.take(')')) {
    do args.push(either(tokens));
    while (tokens.take(','));
    tokens.expect(')');
  }
  return call(value, args);
}

function first(sides: readonly Expression[]): Expression {
  return sides[0] as Expression;
}
