import { document, path, rect, text } from '../kibana/picture/svg.ts';

/** The diagram at the top of the README: the sources, what happens in between, and the destinations. */

export type Theme = 'light' | 'dark';

/** GitHub's own colors, so that the picture looks like part of the page. */
const COLORS = {
  light: {
    page: '#ffffff',
    box: '#f6f8fa',
    edge: '#d0d7de',
    words: '#1f2328',
    faint: '#59636e',
    accent: '#0969da',
  },
  dark: {
    page: '#0d1117',
    box: '#151b23',
    edge: '#3d444d',
    words: '#f0f6fc',
    faint: '#9198a1',
    accent: '#4493f8',
  },
} as const satisfies Record<Theme, object>;

const SOURCES = [
  ['S3 bucket', 'listed, or announced by SQS'],
  ['StepSecurity API', 'rows and state changes'],
  ['Files', 'a folder, a glob, stdin'],
] as const;
const STAGES = [
  ['read', 'gzip, zstd, NDJSON, arrays'],
  ['decode', 'identity, severity, ATT&CK'],
  ['redact', 'secrets masked'],
  ['map', 'one YAML file per kind'],
  ['deliver', 'one outcome per document'],
] as const;
const SINKS = [
  ['Elasticsearch', 'ECS, once, in data streams'],
  ['Splunk', 'CIM through HEC'],
  ['NDJSON', 'files or stdout'],
] as const;

const WIDTH = 880;
const HEIGHT = 304;
const BOX = { width: 210, height: 56, gap: 20 };
const TOP = 16;
const MIDDLE = { x: 290, width: 300 };
const RIGHT = WIDTH - BOX.width - 8;

type Labelled = readonly [name: string, what: string];

export function drawDiagram(theme: Theme): string {
  const colors = COLORS[theme];
  const boxAt = ([name, what]: Labelled, x: number, nth: number): string[] => {
    const y = TOP + nth * (BOX.height + BOX.gap);
    return [
      rect(x, y, BOX.width, BOX.height, { fill: colors.box, stroke: colors.edge, rx: 8 }),
      text(name, x + 14, y + 24, WIDTH, { 'font-size': 15, 'font-weight': 'bold', fill: colors.words }),
      text(what, x + 14, y + 43, WIDTH, { 'font-size': 12, fill: colors.faint }),
    ];
  };
  const centre = (nth: number): number => TOP + nth * (BOX.height + BOX.gap) + BOX.height / 2;
  const arrow = (from: number, to: number, nth: number): string => {
    const y = centre(nth);
    return path(`M${from} ${y}H${to - 2}m-7 -5l7 5l-7 5`, {
      fill: 'none',
      stroke: colors.accent,
      'stroke-width': 2,
    });
  };
  const height = 3 * BOX.height + 2 * BOX.gap;
  const step = height / STAGES.length;
  const stage = ([name, what]: Labelled, nth: number): string[] => {
    const y = TOP + nth * step + step / 2 + 5;
    return [
      text(name, MIDDLE.x + 18, y, WIDTH, { 'font-size': 15, 'font-weight': 'bold', fill: colors.words }),
      text(what, MIDDLE.x + 100, y, WIDTH, { 'font-size': 12, fill: colors.faint }),
    ];
  };
  const below = TOP + height + 30;
  const kept = (words: string, x: number): string =>
    text(words, x, below, WIDTH, { 'font-size': 13, fill: colors.words, 'text-anchor': 'middle' });
  return document(
    WIDTH,
    HEIGHT,
    'From S3, the StepSecurity API or files, through one account, to Elasticsearch or Splunk',
    [
      rect(0, 0, WIDTH, HEIGHT, { fill: colors.page }),
      ...SOURCES.flatMap((source, nth) => [
        ...boxAt(source, 8, nth),
        arrow(8 + BOX.width + 8, MIDDLE.x - 6, nth),
      ]),
      rect(MIDDLE.x, TOP, MIDDLE.width, height, {
        fill: colors.box,
        stroke: colors.accent,
        'stroke-width': 2,
        rx: 8,
      }),
      ...STAGES.flatMap(stage),
      ...SINKS.flatMap((sink, nth) => [
        ...boxAt(sink, RIGHT, nth),
        arrow(MIDDLE.x + MIDDLE.width + 8, RIGHT - 6, nth),
      ]),
      kept('state: what has been read', 8 + BOX.width / 2),
      kept('dead letters: what could not be delivered, and why', WIDTH / 2),
      kept('heartbeat: how the run went', RIGHT + BOX.width / 2),
      text('ledger: read = delivered + duplicate + dead-lettered + filtered', WIDTH / 2, below + 30, WIDTH, {
        'font-size': 15,
        'font-weight': 'bold',
        fill: colors.accent,
        'text-anchor': 'middle',
      }),
    ],
  );
}
