import { idOf } from './names.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Reference {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

export interface SavedObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Json;
  readonly references: readonly Reference[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

/**
 * The versions of these objects: those of Kibana 8.9, which every later Kibana reads and migrates itself. A Kibana
 * refuses versions later than its own.
 */
const CORE = '8.8.0';
const VERSIONS: Readonly<Record<string, string>> = {
  'index-pattern': '8.0.0',
  search: '8.0.0',
  dashboard: '8.9.0',
  tag: '8.0.0',
};
export const TAG = idOf('tag');
export const TAGGED: Reference = { type: 'tag', id: TAG, name: `tag-ref-${TAG}` };

export function object(
  type: string,
  id: string,
  attributes: Json,
  references: readonly Reference[],
): SavedObject {
  const typeMigrationVersion = VERSIONS[type] ?? '';
  return { type, id, attributes, references, coreMigrationVersion: CORE, typeMigrationVersion };
}

export const FILTER_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index';
export const INDEX_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.index';
export const view = (id: string, name: string): Reference => ({ type: 'index-pattern', id, name });

/** Only our data streams, for cases where the data view is wider. */
export function datasetFilter(datasets: readonly string[]): Json {
  const [only] = datasets;
  const phrase = (dataset: string) => ({ match_phrase: { 'data_stream.dataset': dataset } });
  const meta = {
    alias: null,
    disabled: false,
    field: 'data_stream.dataset',
    indexRefName: FILTER_REFERENCE,
    key: 'data_stream.dataset',
    negate: false,
  };
  const $state = { store: 'appState' };
  if (datasets.length === 1 && only !== undefined) {
    return { $state, meta: { ...meta, type: 'phrase', params: { query: only } }, query: phrase(only) };
  }
  const query = { bool: { minimum_should_match: 1, should: datasets.map(phrase) } };
  return { $state, meta: { ...meta, type: 'phrases', params: [...datasets] }, query };
}
