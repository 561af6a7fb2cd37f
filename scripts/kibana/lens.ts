import { type Columns, columnsOf } from './columns.ts';
import { type Chart, queryOf } from './sources.ts';

type Json = Readonly<Record<string, unknown>>;

const LAYER = 'layer';
const LAYER_REFERENCE = `indexpattern-datasource-layer-${LAYER}`;

/** A chart as Lens stores it, by value, and the reference from its layer to its data view. */
export function lensOf(
  chart: Chart,
  dataView: string,
): { readonly attributes: Json; readonly references: Json[] } {
  const columns = columnsOf(chart);
  const all = [...columns.buckets, ...columns.measures];
  const references = [{ type: 'index-pattern', id: dataView, name: LAYER_REFERENCE }];
  const layer = {
    columnOrder: all.map(({ id }) => id),
    columns: Object.fromEntries(all.map(({ id, body }) => [id, body])),
    incompleteColumns: {},
    sampling: 1,
  };
  const attributes = {
    title: '',
    description: '',
    type: 'lens',
    visualizationType: TYPES[chart.as],
    references,
    state: {
      adHocDataViews: {},
      datasourceStates: { formBased: { layers: { [LAYER]: layer } } },
      filters: [],
      internalReferences: [],
      query: { query: queryOf(chart.query), language: 'kuery' },
      visualization: VISUALIZATIONS[chart.as](columns, chart),
    },
  };
  return { attributes, references };
}

const TYPES: Readonly<Record<Chart['as'], string>> = {
  number: 'lnsMetric',
  bars: 'lnsXY',
  lines: 'lnsXY',
  ranking: 'lnsXY',
  donut: 'lnsPie',
  table: 'lnsDatatable',
};

const VISUALIZATIONS: Readonly<Record<Chart['as'], (columns: Columns, chart: Chart) => Json>> = {
  number: ({ measures }) => ({ layerId: LAYER, layerType: 'data', metricAccessor: measures[0]?.id }),
  bars: (columns) => overTime(columns, 'bar_stacked'),
  lines: (columns) => overTime(columns, 'line'),
  ranking: ({ buckets, measures }) => ({
    ...axes('bar_horizontal', false),
    layers: [
      {
        layerId: LAYER,
        layerType: 'data',
        seriesType: 'bar_horizontal',
        accessors: measures.map(({ id }) => id),
        xAccessor: buckets[0]?.id,
      },
    ],
  }),
  donut: ({ buckets, measures }) => ({
    shape: 'donut',
    layers: [
      {
        layerId: LAYER,
        layerType: 'data',
        primaryGroups: buckets.map(({ id }) => id),
        metrics: measures.map(({ id }) => id),
        categoryDisplay: 'default',
        legendDisplay: 'show',
        nestedLegend: false,
        numberDisplay: 'value',
      },
    ],
  }),
  table: ({ buckets, measures }) => ({
    layerId: LAYER,
    layerType: 'data',
    columns: [
      ...buckets.map(({ id }) => ({ columnId: id, isTransposed: false, isMetric: false })),
      ...measures.map(({ id }) => ({ columnId: id, isTransposed: false, isMetric: true })),
    ],
  }),
};

/** The last bucket is time; one before it splits. */
function overTime({ buckets, measures }: Columns, seriesType: string): Json {
  const [split, time] = buckets.length === 2 ? buckets : [undefined, buckets[0]];
  return {
    ...axes(seriesType, true),
    layers: [
      {
        layerId: LAYER,
        layerType: 'data',
        seriesType,
        accessors: measures.map(({ id }) => id),
        xAccessor: time?.id,
        ...(split && { splitAccessor: split.id }),
      },
    ],
  };
}

function axes(seriesType: string, hasLegend: boolean): Json {
  return {
    preferredSeriesType: seriesType,
    legend: { isVisible: hasLegend, position: 'right' },
    valueLabels: 'hide',
    fittingFunction: 'None',
    axisTitlesVisibilitySettings: { x: false, yLeft: false, yRight: false },
    tickLabelsVisibilitySettings: { x: true, yLeft: true, yRight: true },
    gridlinesVisibilitySettings: { x: true, yLeft: true, yRight: true },
    labelsOrientation: { x: 0, yLeft: 0, yRight: 0 },
  };
}
