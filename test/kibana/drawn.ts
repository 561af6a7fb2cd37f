import type { Cell } from '../../scripts/kibana/picture/drawn.ts';
import type { Placed } from '../../scripts/kibana/picture/picture.ts';
import { partsOf } from './lens.ts';
import type { Reply } from './loaded.ts';
import { type Panel, panelsOf, type Saved } from './objects.ts';
import { type Asked, answerOf } from './panels.ts';
import type { Row } from './rows.ts';

/** The form of an answer that the drawing script takes. */
export function drawnOf(asked: Asked, reply: Reply, [from, to]: readonly [string, string]): Placed {
  const { lens, panel, title, columns } = asked;
  const common = { title, at: panel.gridData };
  if (lens === undefined) {
    const rows = reply.hits.hits.map(({ fields }) => columns.map((column) => cellOf(fields?.[column])));
    return { ...common, as: 'list', labels: columns, rows, keys: 0 };
  }
  const { buckets } = partsOf(lens);
  const interval = buckets.at(-1)?.[1].params.interval;
  const step = interval === 'auto' ? 43_200_000 : 86_400_000;
  return {
    ...common,
    as: kindOf(panel),
    labels: lens.columns.map(([, { label }]) => label),
    rows: answerOf(asked, reply) as Row[],
    keys: buckets.length,
    ...(interval !== undefined && { times: [Date.parse(from), Date.parse(to), step] as const }),
  };
}

function cellOf(values: readonly (string | number)[] | undefined): Cell {
  return values === undefined
    ? null
    : values
        .map((value) => String(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+Z$/, '$1 $2'))
        .join(', ');
}

/** The row of links to the other dashboards, which makes no request. */
export function linksOf(dashboard: Saved): Placed[] {
  return panelsOf(dashboard)
    .filter(({ type }) => type === 'links')
    .map(({ gridData, embeddableConfig: { attributes } }) => {
      const { links } = attributes as unknown as { links: { label: string }[] };
      return {
        title: '',
        at: gridData,
        as: 'links',
        labels: links.map(({ label }) => label),
        rows: [],
        keys: 0,
      };
    });
}

function kindOf({ embeddableConfig: { attributes } }: Panel): string {
  const { visualizationType, state } = attributes as unknown as {
    visualizationType: string;
    state: { visualization: { preferredSeriesType?: string } };
  };
  const kind = KINDS[state.visualization.preferredSeriesType ?? visualizationType];
  if (kind === undefined) throw new Error(`no picture of ${visualizationType}`);
  return kind;
}

const KINDS: Readonly<Record<string, string>> = {
  lnsMetric: 'number',
  lnsPie: 'donut',
  lnsDatatable: 'table',
  bar_stacked: 'bars',
  line: 'lines',
  bar_horizontal: 'ranking',
};
