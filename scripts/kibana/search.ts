import { DATA_VIEWS } from './data-views.ts';
import { idOf, titleOf } from './names.ts';
import {
  datasetFilter,
  FILTER_REFERENCE,
  INDEX_REFERENCE,
  object,
  type SavedObject,
  TAGGED,
  view,
} from './saved-object.ts';
import { queryOf, type Search } from './sources.ts';

/** A search as Discover saves it, for people and for the lists in dashboards. */
export function searchObject(name: string, search: Search): SavedObject {
  const source = {
    query: { query: queryOf(search.query), language: 'kuery' },
    filter: [datasetFilter(search.datasets)],
    indexRefName: INDEX_REFERENCE,
  };
  const attributes = {
    title: titleOf(search.title),
    description: search.description,
    columns: search.columns,
    sort: [['@timestamp', search.ascending ? 'asc' : 'desc']],
    grid: {},
    hideChart: false,
    isTextBasedQuery: false,
    timeRestore: false,
    kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
  };
  const { id } = DATA_VIEWS[search.data];
  return object('search', idOf(name), attributes, [
    view(id, INDEX_REFERENCE),
    view(id, FILTER_REFERENCE),
    TAGGED,
  ]);
}
