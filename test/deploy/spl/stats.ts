import { compileExpression, type Expression } from './expression.ts';
import { compare, multivalue, numberOf, type Row, type Value, valuesOf } from './values.ts';

const TIME = '_time';

/** One figure of `stats` and its relatives, with the name of its column. */
interface Figure {
  readonly name: string;
  readonly of: (rows: readonly Row[], now: number) => Value;
}

interface Figures {
  readonly figures: readonly Figure[];
  readonly by: readonly string[];
}

/** Parses `count sum(x) AS y … BY a b`. Throws for syntax it does not know. */
export function readFigures(text: string): Figures {
  const [, what = '', by = ''] = /^(.*?)(?:\sBY\s(.*))?$/s.exec(text.trim()) ?? [];
  const figures: Figure[] = [];
  const piece = /\s*,?\s*(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?(?:\s+AS\s+("[^"]+"|[\w.]+))?/y;
  for (let at = 0; at < what.trimEnd().length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const [whole, name = '', of = '', as] = piece.exec(what) ?? [];
    if (whole === undefined) throw new Error(`cannot read ${what.slice(at)}: ${text}`);
    const column = as?.replaceAll('"', '') ?? (of === '' ? name : `${name}(${of})`);
    figures.push({ name: column, of: figure(name, of) });
  }
  return { figures, by: by.split(/[\s,]+/).filter((field) => field !== '') };
}

/**
 * One row for each combination of the fields after BY; a row that lacks one of them counts nowhere. Without BY always
 * one row.
 */
export function stats(text: string, rows: readonly Row[], now: number): Row[] {
  const { figures, by } = readFigures(text);
  if (by.length === 0) return [figuresOf(figures, rows, now)];
  return [...groupBy(rows, by)].map(([, { key, members }]) => ({
    ...key,
    ...figuresOf(figures, members, now),
  }));
}

/** Adds the figures of its group to every row. */
export function eventstats(text: string, rows: readonly Row[], now: number): Row[] {
  const { figures, by } = readFigures(text);
  const added = new Map<Row, Row>();
  for (const { members } of groupBy(rows, by).values()) {
    const values = figuresOf(figures, members, now);
    for (const row of members) added.set(row, values);
  }
  return rows.map((row) => ({ ...row, ...added.get(row) }));
}

function figuresOf(figures: readonly Figure[], rows: readonly Row[], now: number): Row {
  return Object.fromEntries(figures.map(({ name, of }) => [name, of(rows, now)]));
}

interface Group {
  readonly key: Row;
  readonly members: Row[];
}

/**
 * Groups in the order of their keys, as Splunk lists them. A row with several values of a field is in each value's
 * group.
 */
function groupBy(rows: readonly Row[], by: readonly string[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const row of rows)
    for (const key of keysOf(row, by)) {
      const name = JSON.stringify(by.map((field) => key[field]));
      const group = groups.get(name) ?? { key, members: [] };
      group.members.push(row);
      groups.set(name, group);
    }
  const order = ([, a]: [string, Group], [, b]: [string, Group]): number =>
    by.map((field) => compare(a.key[field], b.key[field])).find((one) => one !== 0) ?? 0;
  return new Map([...groups].sort(order));
}

function keysOf(row: Row, by: readonly string[]): Row[] {
  return by.reduce<Row[]>(
    (keys, field) => {
      const value = row[field];
      const each: readonly Value[] = typeof value === 'object' ? value : [value];
      return keys.flatMap((key) =>
        each.flatMap((one) => (one === undefined ? [] : [{ ...key, [field]: one }])),
      );
    },
    [{}],
  );
}

function figure(name: string, of: string): Figure['of'] {
  if (name === 'count' && of === '') return (rows) => rows.length;
  const condition = /^eval\((.*)\)$/s.exec(of)?.[1];
  if (condition !== undefined) return counted(name, compileExpression(condition));
  const field = of.replaceAll("'", '');
  const all = (rows: readonly Row[]): string[] => rows.flatMap((row) => [...valuesOf(row[field])]);
  const numbers = (rows: readonly Row[]): number[] => all(rows).flatMap((value) => numberOf(value) ?? []);
  const unique = (rows: readonly Row[]): string[] => [...new Set(all(rows))].sort();
  const at = (rows: readonly Row[], end: 0 | -1): Value =>
    rows
      .filter((row) => row[field] !== undefined)
      .sort((a, b) => compare(a[TIME], b[TIME]))
      .at(end)?.[field];
  const ordered = (rows: readonly Row[]): string[] => all(rows).sort(compare);
  switch (name) {
    case 'count':
      return (rows) => all(rows).length;
    case 'dc':
      return (rows) => unique(rows).length;
    case 'values':
      return (rows) => multivalue(unique(rows));
    case 'sum':
      return (rows) =>
        numbers(rows).length === 0 ? undefined : numbers(rows).reduce((sum, one) => sum + one, 0);
    case 'max':
      return (rows) => whole(ordered(rows).at(-1));
    case 'min':
      return (rows) => whole(ordered(rows)[0]);
    case 'latest':
      return (rows) => at(rows, -1);
    case 'earliest':
      return (rows) => at(rows, 0);
    default:
      throw new Error(`unknown figure ${name}(${of})`);
  }
}

function whole(value: string | undefined): Value {
  return numberOf(value) ?? value;
}

function counted(name: string, condition: Expression): Figure['of'] {
  if (name !== 'count') throw new Error(`unknown figure ${name}(eval(…))`);
  return (rows, now) => rows.filter((row) => condition(row, now) === true).length;
}
