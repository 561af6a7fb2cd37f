import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/contracts/types.ts';
import { textOf } from '../../src/mapping/lint/flatten.ts';
import { aggregationsOf } from './aggregations.ts';
import { type Lens, lensOf, queryOf } from './lens.ts';
import type { Reply } from './loaded.ts';
import { ofType, type Panel, panelsOf, referred, type Saved, sourceOf } from './objects.ts';
import { type Cell, type Row, rowsOf } from './rows.ts';

/**
 * A panel with everything that determines its search: the dashboard's query and filters, the saved search's, and its
 * own.
 */
export interface Asked {
  readonly dashboard: string;
  readonly id: string;
  readonly title: string;
  readonly panel: Panel;
  readonly index: string;
  readonly queries: readonly JsonObject[];
  /** What a chart counts; undefined for a list. */
  readonly lens?: Lens;
  /** How a list is sorted, and which columns it shows. */
  readonly order?: string;
  readonly columns: readonly string[];
  /** Runtime fields of the data view. */
  readonly runtime: JsonObject;
}

/** The name of the files with its numbers and its picture. */
export const nameOf = ({ id }: Saved): string => id.replace('stepsecurity_siem-', '');

/** Every panel that makes a request. */
export function askedPanels(): Asked[] {
  return ofType('dashboard').flatMap((dashboard) =>
    panelsOf(dashboard)
      .filter((panel) => panel.type !== 'links')
      .map((panel) => askedOf(dashboard, panel)),
  );
}

function askedOf(dashboard: Saved, panel: Panel): Asked {
  const name = nameOf(dashboard);
  const common = {
    dashboard: name,
    id: panel.panelIndex.slice(name.length + 1),
    title: panel.title ?? '',
    panel,
  };
  const above = queriesOf(dashboard);
  if (panel.type === 'search') {
    const search = referred(dashboard, `${panel.panelIndex}:${panel.panelRefName}`);
    const [[field, order]] = search.attributes.sort as unknown as [[string, string]];
    if (field !== '@timestamp') throw new Error(`${search.id} is sorted by ${field}`);
    const view = referred(search, 'kibanaSavedObjectMeta.searchSourceJSON.index');
    const columns = ['@timestamp', ...(search.attributes.columns as readonly string[])];
    return {
      ...common,
      index: textOf(view.attributes.title),
      queries: [...above, ...queriesOf(search)],
      order,
      columns,
      runtime: runtimeOf(view),
    };
  }
  if (panel.type !== 'lens') throw new Error(`a panel of type ${panel.type}`);
  const { attributes = {} } = panel.embeddableConfig;
  const [reference] = attributes.references as unknown as { name: string }[];
  const view = referred(dashboard, `${panel.panelIndex}:${reference?.name}`);
  const lens = lensOf(attributes);
  return {
    ...common,
    index: textOf(view.attributes.title),
    queries: [...above, lens.query],
    lens,
    columns: [],
    runtime: runtimeOf(view),
  };
}

const runtimeOf = ({ attributes }: Saved): JsonObject =>
  JSON.parse(textOf(attributes.runtimeFieldMap)) as JsonObject;

function queriesOf(object: Saved): JsonObject[] {
  const { query, filter } = sourceOf(object);
  return [queryOf(query), ...filter.map((one) => one.query)];
}

/** The search, within these times and without these documents. */
export function searchOf(
  asked: Asked,
  [from, to]: readonly [string, string],
  without: readonly string[] = [],
): JsonObject {
  const range = { range: { '@timestamp': { gte: from, lt: to } } };
  const query = {
    bool: { filter: [...asked.queries, range], must_not: [{ ids: { values: [...without] } }] },
  };
  if (asked.lens !== undefined)
    return { size: 0, track_total_hits: true, query, aggs: aggregationsOf(asked.lens) };
  const { columns: fields, runtime: runtime_mappings, order = '' } = asked;
  return { size: 500, query, fields: [...fields], runtime_mappings, sort: [{ '@timestamp': order }] };
}

/** The answer as rows; for a list, the ids of its documents. */
export function answerOf({ lens }: Asked, reply: Reply): (Row | Cell)[] {
  if (lens !== undefined) return rowsOf(lens, reply.aggregations ?? {});
  return reply.hits.hits.map(({ _id }) => _id);
}

/** The numbers of a dashboard that were written by hand. */
export function expectedOf(dashboard: string): Readonly<Record<string, (Row | Cell)[]>> {
  const file = join(import.meta.dirname, 'expected', `${dashboard}.yaml`);
  return parse(readFileSync(file, 'utf8')) as Record<string, (Row | Cell)[]>;
}
