import type { JsonObject } from '../../src/contracts/types.ts';
import { fieldOf, MISSING } from './aggregations.ts';
import { type Column, type Lens, partsOf } from './lens.ts';

export type Cell = string | number | null;
/** The keys of its buckets, then its numbers. */
export type Row = readonly Cell[];

interface Bucket extends Readonly<Record<string, unknown>> {
  readonly key: string | number;
  readonly doc_count: number;
}

/** An answer as the rows of a table, without empty buckets. */
export function rowsOf(lens: Lens, answer: JsonObject): Row[] {
  const { buckets, measures } = partsOf(lens);
  const walk = (level: number, at: Readonly<Record<string, unknown>>): Row[] => {
    const bucket = buckets[level];
    if (bucket === undefined) return [measures.map(([id, column]) => numberOf(column, at[id] as Measured))];
    const [id, column] = bucket;
    return bucketsIn(column, at[id] as { buckets: unknown }).flatMap(([key, one]) =>
      walk(level + 1, one).map((row) => [key, ...row]),
    );
  };
  return walk(0, answer);
}

/** Filters in the order of the column: the server answers in alphabetical order. */
function bucketsIn(column: Column, { buckets }: { readonly buckets: unknown }): (readonly [Cell, Bucket])[] {
  const entries =
    column.operationType === 'filters'
      ? (column.params.filters ?? []).map(
          ({ label }) => [label, (buckets as Record<string, Bucket>)[label]] as const,
        )
      : (buckets as Bucket[]).map((one) => [keyOf(column, one), one] as const);
  return entries.flatMap(([key, one]) =>
    one === undefined || one.doc_count === 0 ? [] : [[key, one] as const],
  );
}

function keyOf({ operationType, dataType }: Column, { key }: Bucket): Cell {
  if (operationType === 'date_histogram') return momentOf(Number(key));
  return key === (dataType === 'number' ? MISSING.number : MISSING.string) ? null : key;
}

interface Measured {
  readonly doc_count: number;
  readonly value?: {
    readonly value?: number | null;
    readonly hits?: {
      readonly hits: readonly { readonly fields?: Readonly<Record<string, readonly Cell[]>> }[];
    };
  };
}

function numberOf(column: Column, { doc_count: count, value }: Measured): Cell {
  if (column.operationType === 'count') return count;
  if (column.operationType === 'last_value')
    return value?.hits?.hits[0]?.fields?.[fieldOf(column)]?.[0] ?? null;
  const number = value?.value ?? null;
  return number !== null && column.dataType === 'date' ? momentOf(number) : number;
}

/** `2026-03-10T11:02Z`, or only the day for midnight. */
function momentOf(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z').replace(':00Z', 'Z').replace('T00:00Z', '');
}
