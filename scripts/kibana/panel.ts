import { lensOf } from './lens.ts';
import { idOf } from './names.ts';
import type { Json, Reference } from './saved-object.ts';
import { dashboards, type Panel, searches } from './sources.ts';

/** In the order in which an analyst needs them. */
const LINKED = ['overview', 'run', 'supply-chain', 'feed'];

/** A panel in its place, and what it refers to, under names that start with its own. */
export function panelOf(
  panel: Panel,
  dashboard: string,
  dataView: string,
): { readonly body: Json; readonly references: Reference[] } {
  const index = `${dashboard}-${panel.id}`;
  const [x, y, w, h] = panel.at;
  const frame = { gridData: { x, y, w, h, i: index }, panelIndex: index };
  if (panel.as === 'links') {
    const links = LINKED.map((name, order) => ({
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
