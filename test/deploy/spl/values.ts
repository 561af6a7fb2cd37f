/**
 * The value of a field in a search result. Splunk has no booleans in fields: JSON's arrive as `true` and `false`. A
 * list is a multivalue field.
 */
export type Value = string | number | readonly string[] | undefined;
export type Row = Readonly<Record<string, Value>>;

export function textOf(value: Value): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? value.join('\n') : String(value);
}

export function valuesOf(value: Value): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? value : [String(value)];
}

/** A number if it looks like one: to Splunk a field that holds `10` is the number ten. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** By number when both are numbers, otherwise by text. */
export function compare(a: Value, b: Value): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [s, t] = [textOf(a) ?? '', textOf(b) ?? ''];
  return s < t ? -1 : Number(s > t);
}

/** Several values as Splunk keeps them: none is a missing field, and one is not a list. */
export function multivalue(values: readonly string[]): Value {
  return values.length > 1 ? values : values[0];
}
