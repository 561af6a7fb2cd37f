import { compileSearch } from './condition.ts';
import { compileAssignments, compileExpression } from './expression.ts';
import { lookUp } from './fields.ts';
import { pipeline } from './pipeline.ts';
import { eventstats, stats } from './stats.ts';
import { timechart } from './timechart.ts';
import { compare, type Row, textOf, type Value, valuesOf } from './values.ts';

/** When a search runs, and the time range it covers, in epoch seconds. */
export interface Times {
  readonly now: number;
  readonly earliest: number;
  readonly latest: number;
}

type Command = (text: string, rows: readonly Row[], times: Times) => Row[];

/** Runs each command on the results of the one before it. Throws for an unknown command or argument. */
export function runSteps(steps: readonly string[], rows: readonly Row[], times: Times): Row[] {
  return steps.reduce((left, step) => runCommand(step, left, times), [...rows]);
}

function runCommand(step: string, rows: readonly Row[], times: Times): Row[] {
  const [, name = '', text = ''] = /^(\w+)\s*(.*)$/s.exec(step.trim()) ?? [];
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`unknown command: ${step}`);
  return command(text, rows, times);
}

const COMMANDS: Readonly<Record<string, Command>> = {
  search: (text, rows) => rows.filter(compileSearch(text)),
  where: (text, rows, { now }) => {
    const condition = compileExpression(text);
    return rows.filter((row) => condition(row, now) === true);
  },
  eval: (text, rows, { now }) => {
    const assignments = compileAssignments(text);
    return rows.map((row) =>
      assignments.reduce((fields, [name, of]) => assign(fields, name, of(fields, now)), row),
    );
  },
  stats: (text, rows, { now }) => stats(text, rows, now),
  eventstats: (text, rows, { now }) => eventstats(text, rows, now),
  timechart,
  lookup: (text, rows) => rows.map(lookUp(text)),
  /** Keeps the first row of each kind, and no row that lacks a field. */
  dedup: (text, rows) => {
    const fields = wordsOf(text);
    const seen = new Set<string>();
    return rows.filter((row) => {
      const values = fields.map((field) => textOf(row[field]));
      const name = JSON.stringify(values);
      if (values.includes(undefined) || seen.has(name)) return false;
      seen.add(name);
      return true;
    });
  },
  fields: (text, rows) => {
    const [sign, ...rest] = wordsOf(text);
    if (sign !== '-') return rows.map((row) => onlyGiven(pick(row, ['_time', sign ?? '', ...rest])));
    return rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !rest.includes(name))),
    );
  },
  table: (text, rows) => rows.map((row) => pick(row, wordsOf(text))),
  rename: (text, rows) => {
    const names = new Map(
      [...text.matchAll(/([\w.{}]+) AS (?:"([^"]+)"|(\w+))/g)].map(([, a = '', b, c]) => [a, b ?? c ?? '']),
    );
    if (names.size === 0) throw new Error(`rename what? ${text}`);
    return rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [names.get(name) ?? name, value])),
    );
  },
  fillnull: (text, rows) => {
    const [, filling = '', list = ''] = /^value=("[^"]*"|\S+)\s*(.*)$/s.exec(text) ?? [];
    const fields = wordsOf(list);
    if (fields.length === 0) throw new Error(`fillnull of what? ${text}`);
    const value = filling.replaceAll('"', '');
    return rows.map((row) => ({
      ...row,
      ...Object.fromEntries(fields.map((field) => [field, row[field] ?? value])),
    }));
  },
  /** `sort 0 -a, b`. A separate sign before several fields is refused: which of them it applies to is undocumented. */
  sort: (text, rows) => {
    const words = wordsOf(text);
    const limit = /^\d+$/.test(words[0] ?? '') ? Number(words.shift()) : 10_000;
    if (/^[-+]$/.test(words[0] ?? '') && words.length > 2) throw new Error(`which of them? ${text}`);
    const keys = words
      .join(' ')
      .split(/(?<=\w) /)
      .map((word) => {
        const [, sign, field = ''] = /^([-+]?) ?(\w+)$/.exec(word) ?? [];
        if (field === '') throw new Error(`sorted by what? ${text}`);
        return { field, direction: sign === '-' ? -1 : 1 };
      });
    const sorted = rows.toSorted(
      (a, b) =>
        keys.map((key) => key.direction * compare(a[key.field], b[key.field])).find((one) => one !== 0) ?? 0,
    );
    return limit === 0 ? sorted : sorted.slice(0, limit);
  },
  /** The rows, followed by what the commands in brackets make of them. */
  appendpipe: (text, rows, times) => {
    const inner = /^\[(.*)\]$/s.exec(text.trim())?.[1];
    if (inner === undefined) throw new Error(`no commands in brackets: ${text}`);
    return [...rows, ...runSteps(pipeline(inner), rows, times)];
  },
  head: (text, rows) => rows.slice(0, Number(text)),
  mvexpand: (text, rows) =>
    rows.flatMap((row) => valuesOf(row[text.trim()]).map((value) => ({ ...row, [text.trim()]: value }))),
};

function assign(row: Row, name: string, value: Value | boolean): Row {
  // Splunk refuses this: a condition is not a value.
  if (typeof value === 'boolean') throw new Error(`${name} is a condition, not a value`);
  return { ...row, [name]: value };
}

function pick(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries(fields.map((field) => [field, row[field]]));
}

function onlyGiven(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
