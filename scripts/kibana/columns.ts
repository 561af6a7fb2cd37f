import { type Bucket, type Chart, filterSets, type Measure } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;

interface Column {
  readonly id: string;
  readonly body: Json;
}

export interface Columns {
  readonly buckets: readonly Column[];
  readonly measures: readonly Column[];
}

/** A chart's buckets and measures as columns of a Lens layer. Ids describe them, so that a change shows in the diff. */
export function columnsOf({ by, measures }: Chart): Columns {
  const measured = measures.map((measure, nth) => ({ id: `measure-${nth}`, body: measureOf(measure) }));
  const buckets = by.map((bucket, nth) => ({ id: `bucket-${nth}`, body: bucketOf(bucket) }));
  return { buckets, measures: measured };
}

const kuery = (query: string): Json => ({ query, language: 'kuery' });

function measureOf(measure: Measure): Json {
  const number = { dataType: 'number', isBucketed: false, scale: 'ratio', customLabel: true };
  const filter = 'where' in measure && measure.where !== undefined ? { filter: kuery(measure.where) } : {};
  if ('count' in measure) {
    const count = { operationType: 'count', sourceField: '___records___', params: { emptyAsNull: false } };
    return { label: measure.count, ...number, ...count, ...filter };
  }
  if ('unique' in measure) {
    const unique = {
      operationType: 'unique_count',
      sourceField: measure.unique,
      params: { emptyAsNull: false },
    };
    return { label: measure.label, ...number, ...unique, ...filter };
  }
  if ('sum' in measure) {
    const sum = { operationType: 'sum', sourceField: measure.sum, params: { emptyAsNull: false } };
    return { label: measure.label, ...number, ...sum, ...filter };
  }
  if ('max' in measure) {
    const dataType = measure.max === '@timestamp' ? 'date' : 'number';
    const max = { operationType: 'max', sourceField: measure.max, params: { emptyAsNull: true } };
    return { label: measure.label, ...number, dataType, ...max, ...filter };
  }
  return {
    label: measure.label,
    dataType: measure.text ? 'string' : 'number',
    isBucketed: false,
    scale: measure.text ? 'ordinal' : 'ratio',
    customLabel: true,
    operationType: 'last_value',
    sourceField: measure.last,
    params: { sortField: '@timestamp', showArrayValues: false },
    filter: kuery(`"${measure.last}": *`),
  };
}

function bucketOf(bucket: Bucket): Json {
  if ('every' in bucket) {
    return {
      label: '@timestamp',
      dataType: 'date',
      isBucketed: true,
      scale: 'interval',
      operationType: 'date_histogram',
      sourceField: '@timestamp',
      params: { interval: bucket.every, includeEmptyRows: true, dropPartials: false },
    };
  }
  const ordinal = { isBucketed: true, scale: 'ordinal', label: bucket.label, customLabel: true };
  if ('filters' in bucket) {
    const named = typeof bucket.filters === 'string' ? filterSets[bucket.filters.slice(1)] : bucket.filters;
    if (named === undefined) throw new Error(`${bucket.label}: queries.yaml has no such filters`);
    const filters = Object.entries(named).map(([label, query]) => ({ label, input: kuery(query) }));
    return { ...ordinal, dataType: 'string', operationType: 'filters', params: { filters } };
  }
  return {
    ...ordinal,
    dataType: bucket.number ? 'number' : 'string',
    operationType: 'terms',
    sourceField: bucket.of,
    params: {
      size: bucket.top,
      orderBy: { type: 'column', columnId: 'measure-0' },
      orderDirection: 'desc',
      otherBucket: false,
      missingBucket: bucket.missing,
      parentFormat: { id: 'terms' },
      include: [],
      exclude: [],
      includeIsRegex: false,
      excludeIsRegex: false,
    },
  };
}
