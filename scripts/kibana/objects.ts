import { DATA_VIEWS } from './data-views.ts';
import { lensOf } from './lens.ts';
import { idOf, titleOf } from './names.ts';
import { type Dashboard, dashboards, type Panel, queryOf, type Search, searches } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;
type Control = Dashboard['controls'][number];

interface Reference {
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
 * The forms that these objects are written in: those of 8.9, which every Kibana since reads and brings up to date itself. A
 * Kibana refuses what is of a later form than its own.
 */
const CORE = '8.8.0';
const VERSIONS: Readonly<Record<string, string>> = {
  'index-pattern': '8.0.0',
  search: '8.0.0',
  dashboard: '8.9.0',
  tag: '8.0.0',
};
const TAG = idOf('tag');

/** All saved objects, each after what it refers to, except that dashboards link each other. */
export function savedObjects(): SavedObject[] {
  return [
    object('tag', TAG, { name: 'StepSecurity', description: '', color: '#7839EE' }, []),
    ...Object.values(DATA_VIEWS).map(({ id, body }) => object('index-pattern', id, body, [])),
    ...[...searches].map(([name, search]) => searchObject(name, search)),
    ...[...dashboards].map(([name, dashboard]) => dashboardObject(name, dashboard)),
  ];
}

function object(type: string, id: string, attributes: Json, references: readonly Reference[]): SavedObject {
  const typeMigrationVersion = VERSIONS[type] ?? '';
  return { type, id, attributes, references, coreMigrationVersion: CORE, typeMigrationVersion };
}

const TAGGED: Reference = { type: 'tag', id: TAG, name: `tag-ref-${TAG}` };

const FILTER_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index';
const INDEX_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.index';
const view = (id: string, name: string): Reference => ({ type: 'index-pattern', id, name });

/** Only our data streams, for wherever the data view is wider. */
function datasetFilter(datasets: readonly string[]): Json {
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

function searchObject(name: string, search: Search): SavedObject {
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

function dashboardObject(name: string, dashboard: Dashboard): SavedObject {
  const { id } = DATA_VIEWS[dashboard.data];
  const panels = dashboard.panels.map((panel) => panelOf(panel, name, id));
  const controls = dashboard.controls.map((control, order) => controlOf(control, order, id));
  const source = {
    query: { query: '', language: 'kuery' },
    filter: [datasetFilter(dashboard.datasets)],
  };
  const attributes = {
    title: titleOf(dashboard.title),
    description: dashboard.description,
    version: 2,
    timeRestore: false,
    panelsJSON: JSON.stringify(panels.map(({ body }) => body)),
    optionsJSON: JSON.stringify({
      useMargins: true,
      syncColors: true,
      syncCursor: true,
      syncTooltips: false,
      hidePanelTitles: false,
    }),
    controlGroupInput: {
      controlStyle: 'oneLine',
      chainingSystem: 'HIERARCHICAL',
      ignoreParentSettingsJSON: JSON.stringify({
        ignoreFilters: false,
        ignoreQuery: false,
        ignoreTimerange: false,
        ignoreValidations: false,
      }),
      panelsJSON: JSON.stringify(Object.fromEntries(controls.map((control) => [control.id, control.body]))),
    },
    kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
  };
  return object('dashboard', idOf(name), attributes, [
    view(id, FILTER_REFERENCE),
    ...panels.flatMap(({ references }) => references),
    ...controls.map((control) => view(id, `controlGroup_${control.id}:optionsListDataView`)),
    TAGGED,
  ]);
}

/** Numbers can be found as they are, and no other way. */
function controlOf({ field, title, exact }: Control, order: number, dataView: string) {
  const id = `control-${order}`;
  const body = {
    type: 'optionsListControl',
    order,
    grow: true,
    width: 'medium',
    explicitInput: {
      id,
      dataViewId: dataView,
      fieldName: field,
      title,
      searchTechnique: exact ? 'exact' : 'prefix',
      selectedOptions: [],
      sort: { by: '_count', direction: 'desc' },
    },
  };
  return { id, body };
}

function panelOf(
  panel: Panel,
  dashboard: string,
  dataView: string,
): { readonly body: Json; readonly references: Reference[] } {
  const index = `${dashboard}-${panel.id}`;
  const [x, y, w, h] = panel.at;
  const frame = { gridData: { x, y, w, h, i: index }, panelIndex: index };
  if (panel.as === 'links') {
    const links = [...dashboards.keys()].map((name, order) => ({
      name,
      order,
      ref: `link_${name}_dashboard`,
    }));
    const attributes = { layout: 'horizontal', links: links.map(linkOf) };
    return {
      body: { ...frame, type: 'links', embeddableConfig: { attributes, enhancements: {} } },
      references: links.map(({ name, ref }) => ({
        type: 'dashboard',
        id: idOf(name),
        name: `${index}:${ref}`,
      })),
    };
  }
  if (panel.as === 'list') {
    if (!searches.has(panel.search)) throw new Error(`${dashboard}: there is no search ${panel.search}`);
    const panelRefName = `panel_${index}`;
    return {
      body: {
        ...frame,
        type: 'search',
        title: panel.title,
        embeddableConfig: { enhancements: {} },
        panelRefName,
      },
      references: [{ type: 'search', id: idOf(panel.search), name: `${index}:${panelRefName}` }],
    };
  }
  const { attributes, references } = lensOf(panel, dataView);
  return {
    body: { ...frame, type: 'lens', title: panel.title, embeddableConfig: { attributes, enhancements: {} } },
    references: references.map((one) => ({
      ...(one as unknown as Reference),
      name: `${index}:${String(one['name'])}`,
    })),
  };
}

function linkOf({ name, order, ref }: { name: string; order: number; ref: string }): Json {
  return {
    id: name,
    type: 'dashboardLink',
    label: dashboards.get(name)?.title,
    order,
    destinationRefName: ref,
    options: { openInNewTab: false, useCurrentDateRange: true, useCurrentFilters: false },
  };
}
