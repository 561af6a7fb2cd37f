import type { Json, JsonObject } from '../../../src/contracts/types.ts';
import { addonConf, addonLookup } from './addon.ts';
import { compileExpression } from './expression.ts';
import { multivalue, type Row, textOf, type Value } from './values.ts';

/** An event in the index. `fields` are its indexed fields in addition to Splunk's own. */
export interface Indexed {
  readonly time: number;
  readonly indexed: number;
  readonly index: string;
  readonly host: string;
  readonly source: string;
  readonly sourcetype: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly event: JsonObject;
}

/** The fields of an event that `tstats` sees. */
export function indexedFields({ time, indexed, index, host, source, sourcetype, fields }: Indexed): Row {
  return { _time: time, _indextime: indexed, index, host, source, sourcetype, ...fields };
}

const read = new WeakMap<Indexed, Row>();

/**
 * The fields of an event that a search sees: KV_MODE json, then the calculated fields of its source type, then its
 * lookups.
 */
export function searchFields(event: Indexed): Row {
  const row = read.get(event) ?? readFields(event);
  read.set(event, row);
  return row;
}

function readFields(event: Indexed): Row {
  const found = new Map<string, string[]>();
  collect(event.event, '', found);
  const extracted = Object.fromEntries([...found].map(([name, values]) => [name, multivalue(values)]));
  const row: Row = { ...extracted, ...indexedFields(event) };
  const { calculated, lookups } = settingsOf(event.sourcetype);
  // Calculated fields do not see each other.
  const computed = {
    ...row,
    ...Object.fromEntries(calculated.map(([name, of]) => [name, of(row, 0) as Value])),
  };
  return lookups.reduce((fields, lookUp) => lookUp(fields), computed);
}

function collect(value: Json, name: string, found: Map<string, string[]>): void {
  if (value === null) return;
  if (Array.isArray(value)) for (const one of value) collect(one, `${name}{}`, found);
  else if (typeof value === 'object')
    for (const [key, one] of Object.entries(value)) collect(one, name === '' ? key : `${name}.${key}`, found);
  else found.set(name, [...(found.get(name) ?? []), String(value)]);
}

interface Settings {
  readonly calculated: readonly (readonly [string, ReturnType<typeof compileExpression>])[];
  readonly lookups: readonly ((row: Row) => Row)[];
}

const known = new Map<string, Settings>();

function settingsOf(sourcetype: string): Settings {
  const settings = known.get(sourcetype) ?? readSettings(sourcetype);
  known.set(sourcetype, settings);
  return settings;
}

function readSettings(sourcetype: string): Settings {
  const props = [...(addonConf('props').get(sourcetype) ?? [])];
  const named = (prefix: string): (readonly [string, string])[] =>
    props.flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    );
  return {
    calculated: named('EVAL-').map(([name, expression]) => [name, compileExpression(expression)]),
    lookups: named('LOOKUP-').map(([, setting]) => lookUp(setting)),
  };
}

/** `TABLE FIELD OUTPUTNEW FIELD…`, or OUTPUT, which overwrites existing fields. */
export function lookUp(setting: string): (row: Row) => Row {
  const [table = '', key = '', how, ...outputs] = setting.trim().split(/[\s,]+/);
  if (how !== 'OUTPUT' && how !== 'OUTPUTNEW') throw new Error(`unknown lookup: ${setting}`);
  const rows = addonLookup(table);
  return (row) => {
    const match = rows.find((one) => one[key] === textOf(row[key]));
    if (match === undefined) return row;
    const written = outputs.map((name) => [name, (how === 'OUTPUTNEW' && row[name]) || match[name]]);
    return { ...row, ...Object.fromEntries(written) };
  };
}
