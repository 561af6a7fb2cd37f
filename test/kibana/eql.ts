import type { JsonObject } from '../../src/contracts/types.ts';

/**
 * A sequence of EQL, as far as our rules use the language: `any` events, fields compared with values, lists of values, and,
 * or, keys to join by, maxspan. Anything else is refused. The test server has no EQL, so that the parts are asked as
 * queries, and joined here as the documentation of EQL says: events in the order of their time, each start with what
 * follows it first.
 */
export interface Sequence {
  readonly maxSpanMs: number;
  readonly steps: readonly { readonly query: JsonObject; readonly by: readonly string[] }[];
}

const SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const HEAD = /^sequence(?: by (?<by>[\w.]+(?:, [\w.]+)*))? with maxspan=(?<span>\d+)(?<unit>[smh])$/;
const STEP = /^\[any where (?<where>.+)\](?: by (?<by>[\w.]+(?:, [\w.]+)*))?$/;

export function sequenceOf(eql: string): Sequence {
  const [first = '', ...lines] = eql.split('\n').map((line) => line.trim());
  const head = HEAD.exec(first)?.groups;
  if (head === undefined) throw new Error(`not read: ${first}`);
  const shared = listOf(head['by']);
  const steps = lines.map((line) => {
    const step = STEP.exec(line)?.groups;
    if (step === undefined) throw new Error(`not read: ${line}`);
    return { query: conditionOf(step['where'] ?? ''), by: [...shared, ...listOf(step['by'])] };
  });
  return { maxSpanMs: Number(head['span']) * (SPANS[head['unit'] ?? ''] ?? 0), steps };
}

const listOf = (names: string | undefined): string[] => names?.split(', ') ?? [];

/** Conditions joined by `and`: none of ours needs more. */
function conditionOf(where: string): JsonObject {
  return { bool: { filter: where.split(' and ').map(comparisonOf) } };
}

function comparisonOf(text: string): JsonObject {
  const equal = /^([\w.]+) == "([^"]*)"$/.exec(text);
  if (equal?.[1] !== undefined) return { term: { [equal[1]]: equal[2] ?? '' } };
  const least = /^([\w.]+) >= (\d+)$/.exec(text);
  if (least?.[1] !== undefined) return { range: { [least[1]]: { gte: Number(least[2]) } } };
  const among = /^([\w.]+) in \(("[^"]*"(?:, "[^"]*")*)\)$/.exec(text);
  if (among?.[1] !== undefined) {
    return { terms: { [among[1]]: (among[2] ?? '').split(', ').map((value) => value.slice(1, -1)) } };
  }
  throw new Error(`not read: ${text}`);
}

export interface Event {
  readonly id: string;
  readonly time: number;
  readonly key: string;
}

/** The ids of each sequence that was found. */
export function joined(steps: readonly (readonly Event[])[], maxSpanMs: number): string[][] {
  const [starts = [], ...rest] = steps;
  return starts.flatMap((start) => {
    const found = [start];
    for (const step of rest) {
      const after = found.at(-1) ?? start;
      const next = step
        .filter(({ key, time }) => key === start.key && time > after.time && time - start.time <= maxSpanMs)
        .sort((a, b) => a.time - b.time)[0];
      if (next === undefined) return [];
      found.push(next);
    }
    return [found.map(({ id }) => id)];
  });
}
