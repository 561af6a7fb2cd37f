import type { JsonObject } from '../../src/contracts/types.ts';
import { type Column, type Lens, partsOf, queryOf } from './lens.ts';

/**
 * The aggregations that Kibana requests for a Lens layer, for the operations that our panels use. Any other throws, so
 * that no panel is left out. Two replacements, for what the test server lacks and what only a browser knows:
 * `last_value` uses top_hits where Kibana uses top_metrics, and the interval `auto` is 12 hours, which fits two weeks.
 */
export function aggregationsOf(lens: Lens): JsonObject {
  const { buckets, measures } = partsOf(lens);
  const leaves = Object.fromEntries(measures.map(([id, column]) => [id, measureOf(column)]));
  return buckets.reduceRight<JsonObject>(
    (inner, [id, column]) => ({ [id]: bucketOf(column, measures, inner) }),
    leaves,
  );
}

/** The key for documents without the field. */
export const MISSING = { string: '(missing value)', number: -1 } as const;

export function fieldOf({ sourceField, label }: Column): string {
  if (sourceField === undefined) throw new Error(`${label} has no field`);
  return sourceField;
}

/** In its own filter, whose document count is the count of the column. */
function measureOf(column: Column): JsonObject {
  const filter = column.filter === undefined ? { match_all: {} } : queryOf(column.filter);
  return column.operationType === 'count' ? { filter } : { filter, aggs: { value: valueOf(column) } };
}

function valueOf(column: Column): JsonObject {
  const field = fieldOf(column);
  switch (column.operationType) {
    case 'unique_count':
      return { cardinality: { field } };
    case 'sum':
      return { sum: { field } };
    case 'max':
      return { max: { field } };
    case 'last_value': {
      const sort = [{ [column.params.sortField ?? '']: 'desc' }];
      return { top_hits: { size: 1, sort, _source: false, fields: [field] } };
    }
    default:
      throw new Error(`the operation ${column.operationType}`);
  }
}

function bucketOf(column: Column, measures: Lens['columns'], aggs: JsonObject): JsonObject {
  switch (column.operationType) {
    case 'filters':
      return { filters: { filters: filtersOf(column) }, aggs };
    case 'date_histogram': {
      const fixed_interval = column.params.interval === 'auto' ? '12h' : (column.params.interval ?? '');
      return { date_histogram: { field: fieldOf(column), fixed_interval, min_doc_count: 1 }, aggs };
    }
    case 'terms':
      return termsOf(column, measures, aggs);
    default:
      throw new Error(`the operation ${column.operationType}`);
  }
}

function filtersOf({ params: { filters = [] } }: Column): JsonObject {
  return Object.fromEntries(filters.map(({ label, input }) => [label, queryOf(input)]));
}

/** The greatest first, and equal ones by key. */
function termsOf(column: Column, measures: Lens['columns'], aggs: JsonObject): JsonObject {
  const { size = 0, missingBucket = false, orderBy } = column.params;
  const by = measures.find(([id]) => id === orderBy?.columnId)?.[1];
  if (by === undefined) throw new Error(`${column.label}: nothing to order by`);
  const missing = column.dataType === 'number' ? MISSING.number : MISSING.string;
  const terms = { field: fieldOf(column), size, ...(missingBucket && { missing }) };
  if (by.operationType === 'count' && by.filter === undefined)
    return { terms: { ...terms, order: [{ _count: 'desc' }, { _key: 'asc' }] }, aggs };
  const order = [{ order: 'desc' }, { _key: 'asc' }];
  return { terms: { ...terms, order }, aggs: { ...aggs, order: valueOf(by) } };
}
