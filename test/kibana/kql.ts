import type { JsonObject } from '../../src/contracts/types.ts';

/**
 * KQL converted to a query as Kibana does it, as far as our saved objects and rules use the language: fields, values,
 * lists of values, ranges, `*`, and, or, not. Anything else throws.
 */
export function kqlToQuery(kql: string): JsonObject {
  if (kql.trim() === '') return { match_all: {} };
  const tokens = [...kql.matchAll(TOKEN)].map((match) => match[0].trim());
  if (tokens.join('').length !== kql.replace(/\s/g, '').length + spacesInQuotes(kql))
    throw new Error(`not read: ${kql}`);
  const parser = createParser(tokens);
  const query = parser.or();
  if (parser.rest() > 0) throw new Error(`not read to its end: ${kql}`);
  return query;
}

const TOKEN = /\s*(?:"[^"]*"|<=|>=|[<>:()]|[^\s"<>:()]+)/g;

function spacesInQuotes(kql: string): number {
  return [...kql.matchAll(/"([^"]*)"/g)].reduce(
    (sum, [, text = '']) => sum + (text.match(/\s/g)?.length ?? 0),
    0,
  );
}

function createParser(tokens: readonly string[]) {
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const next = (): string => {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw new Error('the query ends too soon');
    return token;
  };
  const taken = (token: string): boolean => {
    if (peek()?.toLowerCase() !== token) return false;
    at += 1;
    return true;
  };
  const wanted = (token: string): void => {
    if (!taken(token)) throw new Error(`${token} is missing before ${String(peek())}`);
  };

  function chain(word: 'and' | 'or', part: () => JsonObject, join: (parts: JsonObject[]) => JsonObject) {
    const parts = [part()];
    while (taken(word)) parts.push(part());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : join(parts);
  }
  const anyOf = (should: JsonObject[]): JsonObject => ({ bool: { should, minimum_should_match: 1 } });
  const allOf = (filter: JsonObject[]): JsonObject => ({ bool: { filter } });
  const noneOf = (query: JsonObject): JsonObject => ({ bool: { must_not: [query] } });

  const or = (): JsonObject => chain('or', and, anyOf);
  const and = (): JsonObject => chain('and', not, allOf);
  const not = (): JsonObject => (taken('not') ? noneOf(not()) : primary());

  function primary(): JsonObject {
    if (taken('(')) {
      const inner = or();
      wanted(')');
      return inner;
    }
    const field = unquoted(next());
    const operator = next();
    const range = RANGES[operator];
    if (range !== undefined) return { range: { [field]: { [range]: valueOf(next()) } } };
    if (operator !== ':') throw new Error(`${operator} after ${field}`);
    if (!taken('(')) return valueQuery(field, next());
    const listed = values(field);
    wanted(')');
    return listed;
  }
  function values(field: string): JsonObject {
    return chain('or', () => valueQuery(field, next()), anyOf);
  }
  return { or, rest: () => tokens.length - at };
}

const RANGES: Readonly<Record<string, string>> = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };

function valueQuery(field: string, token: string): JsonObject {
  if (token === '*') return { exists: { field } };
  if (token.startsWith('"')) return { match_phrase: { [field]: unquoted(token) } };
  if (token.includes('*')) throw new Error(`a wildcard in ${field}`);
  return { match: { [field]: valueOf(token) } };
}

function unquoted(token: string): string {
  return token.startsWith('"') ? token.slice(1, -1) : token;
}

function valueOf(token: string): string | number | boolean {
  if (token === 'true' || token === 'false') return token === 'true';
  return /^-?\d+(?:\.\d+)?$/.test(token) ? Number(token) : unquoted(token);
}
