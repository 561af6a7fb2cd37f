import type { JsonObject } from '../../src/contracts/types.ts';

/**
 * An EQL sequence, as far as our rules use the language: `any` events, fields compared with values, lists of values,
 * and, or, keys to join by, maxspan. Anything else throws. The test server has no EQL, so the parts run as queries and
 * are joined here as the EQL documentation says.
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

/** Conditions joined by `and`: ours need nothing more. */
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

/**
 * The ids of each sequence found, by EQL's state machine: for each key and step one pending sequence, which a later one
 * replaces, and which is used up by the event that continues it.
 */
export function joined(steps: readonly (readonly Event[])[], maxSpanMs: number): string[][] {
  const pending = new Map<string, readonly Event[]>();
  const found: string[][] = [];
  // For events with the same time, later steps are checked first: an event does not follow itself.
  const inOrder = steps
    .flatMap((events, step) => events.map((event) => ({ event, step })))
    .sort((a, b) => a.event.time - b.event.time || b.step - a.step);
  for (const { event, step } of inOrder) {
    const at = `${step - 1} ${event.key}`;
    const before = step === 0 ? [] : pending.get(at);
    if (before === undefined) continue;
    pending.delete(at);
    const [start = event] = before;
    if (event.time - start.time > maxSpanMs) continue;
    const sequence = [...before, event];
    if (step === steps.length - 1) found.push(sequence.map(({ id }) => id));
    else pending.set(`${step} ${event.key}`, sequence);
  }
  return found;
}
