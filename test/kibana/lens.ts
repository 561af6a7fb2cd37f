import type { JsonObject } from '../../src/contracts/types.ts';
import { kqlToQuery } from './kql.ts';

/** A Lens layer, in the form of the saved object. */
export interface Lens {
  readonly columns: readonly (readonly [id: string, column: Column])[];
  readonly query: JsonObject;
}

export interface Query {
  readonly query: string;
  readonly language: string;
}

export interface Column {
  readonly operationType: string;
  readonly label: string;
  readonly isBucketed: boolean;
  readonly dataType: string;
  readonly sourceField?: string;
  readonly filter?: Query;
  readonly params: {
    readonly filters?: readonly { readonly label: string; readonly input: Query }[];
    readonly interval?: string;
    readonly size?: number;
    readonly missingBucket?: boolean;
    readonly orderBy?: { readonly columnId: string };
    readonly sortField?: string;
  };
}

interface State {
  readonly query: Query;
  readonly filters: readonly unknown[];
  readonly datasourceStates: {
    readonly formBased: {
      readonly layers: Readonly<
        Record<
          string,
          { readonly columnOrder: readonly string[]; readonly columns: Readonly<Record<string, Column>> }
        >
      >;
    };
  };
}

export function lensOf(attributes: JsonObject): Lens {
  const { query, filters, datasourceStates } = attributes.state as unknown as State;
  const [layer, ...more] = Object.values(datasourceStates.formBased.layers);
  if (layer === undefined || more.length > 0 || filters.length > 0) throw new Error('not one plain layer');
  const columns = layer.columnOrder.map((id) => {
    const column = layer.columns[id];
    if (column === undefined) throw new Error(`no column ${id}`);
    return [id, column] as const;
  });
  return { columns, query: queryOf(query) };
}

export function queryOf({ query, language }: Query): JsonObject {
  if (language !== 'kuery') throw new Error(`a query in ${language}`);
  return kqlToQuery(query);
}

/** Keys first, then numbers. */
export function partsOf({ columns }: Lens): {
  readonly buckets: Lens['columns'];
  readonly measures: Lens['columns'];
} {
  return {
    buckets: columns.filter(([, column]) => column.isBucketed),
    measures: columns.filter(([, column]) => !column.isBucketed),
  };
}
