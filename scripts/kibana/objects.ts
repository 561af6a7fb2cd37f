import { dashboardObject } from './dashboard.ts';
import { DATA_VIEWS } from './data-views.ts';
import { object, type SavedObject, TAG } from './saved-object.ts';
import { searchObject } from './search.ts';
import { dashboards, searches } from './sources.ts';

/** All saved objects, each after the objects it refers to, except that dashboards link to each other. */
export function savedObjects(): SavedObject[] {
  return [
    object('tag', TAG, { name: 'StepSecurity', description: '', color: '#7839EE' }, []),
    ...Object.values(DATA_VIEWS).map(({ id, body }) => object('index-pattern', id, body, [])),
    ...[...searches].map(([name, search]) => searchObject(name, search)),
    ...[...dashboards].map(([name, dashboard]) => dashboardObject(name, dashboard)),
  ];
}
