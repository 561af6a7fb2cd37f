import { DATA_VIEWS } from './data-views.ts';
import { idOf, titleOf } from './names.ts';
import { panelOf } from './panel.ts';
import { datasetFilter, FILTER_REFERENCE, object, type SavedObject, TAGGED, view } from './saved-object.ts';
import type { Dashboard } from './sources.ts';

type Control = Dashboard['controls'][number];

export function dashboardObject(name: string, dashboard: Dashboard): SavedObject {
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

/** Numbers can only be searched by exact value. */
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
