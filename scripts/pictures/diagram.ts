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
  ['Webhook', 'stored first, then read'],
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
const TOP = 16;
const COLUMN = { width: 210, height: 228, gap: 12 };
const LEFT = 8;
const MIDDLE = { x: 290, width: 300 };
const RIGHT = WIDTH - COLUMN.width - LEFT;
const BELOW = TOP + COLUMN.height + 30;
const HEIGHT = BELOW + 50;

type Labeled = readonly [name: string, what: string];

export function drawDiagram(theme: Theme): string {
  const colors = COLORS[theme];
  const name = { 'font-size': 15, 'font-weight': 'bold', fill: colors.words };
  const what = { 'font-size': 12, fill: colors.faint };

  /** A column of boxes, each with an arrow of the given ends at its middle. */
  const column = (boxes: readonly Labeled[], x: number, from: number, to: number): string[] => {
    const height = (COLUMN.height - COLUMN.gap * (boxes.length - 1)) / boxes.length;
    return boxes.flatMap(([title, words], nth) => {
      const y = TOP + nth * (height + COLUMN.gap);
      const middle = y + height / 2;
      return [
        rect(x, y, COLUMN.width, height, { fill: colors.box, stroke: colors.edge, rx: 8 }),
        text(title, x + 14, middle - 4, WIDTH, name),
        text(words, x + 14, middle + 15, WIDTH, what),
        path(`M${from} ${middle}H${to - 2}m-7 -5l7 5l-7 5`, {
          fill: 'none',
          stroke: colors.accent,
          'stroke-width': 2,
        }),
      ];
    });
  };
  const step = COLUMN.height / STAGES.length;
  const stages = STAGES.flatMap(([title, words], nth) => {
    const y = TOP + nth * step + step / 2 + 5;
    return [text(title, MIDDLE.x + 18, y, WIDTH, name), text(words, MIDDLE.x + 100, y, WIDTH, what)];
  });
  const kept = (words: string, x: number): string =>
    text(words, x, BELOW, WIDTH, { 'font-size': 13, fill: colors.words, 'text-anchor': 'middle' });
  return document(
    WIDTH,
    HEIGHT,
    'From S3, the StepSecurity API, a webhook or files, accounted for one by one, to Elasticsearch or Splunk',
    [
      rect(0, 0, WIDTH, HEIGHT, { fill: colors.page }),
      ...column(SOURCES, LEFT, LEFT + COLUMN.width + 8, MIDDLE.x - 6),
      rect(MIDDLE.x, TOP, MIDDLE.width, COLUMN.height, {
        fill: colors.box,
        stroke: colors.accent,
        'stroke-width': 2,
        rx: 8,
      }),
      ...stages,
      ...column(SINKS, RIGHT, MIDDLE.x + MIDDLE.width + 8, RIGHT - 6),
      kept('state: what has been read', LEFT + COLUMN.width / 2),
      kept('dead letters: what could not be delivered, and why', WIDTH / 2),
      kept('heartbeat: how the run went', RIGHT + COLUMN.width / 2),
      text('ledger: read = delivered + duplicate + dead-lettered + filtered', WIDTH / 2, BELOW + 30, WIDTH, {
        'font-size': 15,
        'font-weight': 'bold',
        fill: colors.accent,
        'text-anchor': 'middle',
      }),
    ],
  );
}
