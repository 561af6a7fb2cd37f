import { CHARTS } from './charts.ts';
import type { Drawn } from './drawn.ts';
import { document, rect, text } from './svg.ts';

export interface Placed extends Drawn {
  readonly title: string;
  /** In the grid of the dashboard, which is 48 columns wide. */
  readonly at: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const COLUMN = 30;
const ROW = 20;
const HEAD = 56;
const WIDTH = 48 * COLUMN;
const heightOf = (panels: readonly Placed[]): number =>
  HEAD + Math.max(...panels.map(({ at }) => at.y + at.h)) * ROW;

/**
 * Draws a dashboard from the results of its panels' queries. The picture says what it is: the charts are ours, and
 * nobody should take it for a screenshot.
 */
export function drawDashboard(title: string, panels: readonly Placed[], over: string): string {
  const height = heightOf(panels);
  const label = `Rendering of real query results (${over}), drawn by scripts/kibana. Not a screenshot of Kibana.`;
  return document(WIDTH, height, `${title}. ${label}`, [
    rect(0, 0, WIDTH, height, { fill: '#f7f8fc' }),
    text(title, 12, 24, WIDTH, { 'font-size': 18, 'font-weight': 'bold' }),
    text(label, 12, 44, WIDTH, { 'font-size': 12, fill: '#69707d' }),
    ...panels.flatMap(panelOf),
  ]);
}

function panelOf(panel: Placed): string[] {
  const { title, at } = panel;
  const [x, y, w, h] = [at.x * COLUMN + 4, HEAD + at.y * ROW + 4, at.w * COLUMN - 8, at.h * ROW - 8];
  const frame = rect(x, y, w, h, { fill: '#fff', stroke: '#d3dae6', rx: 4 });
  if (panel.as === 'links')
    return [
      frame,
      ...panel.labels.map((label, nth) => text(label, x + 12 + nth * 160, y + 30, 150, { fill: '#0061a6' })),
    ];
  const chart = CHARTS[panel.as === 'list' ? 'table' : panel.as];
  if (chart === undefined) throw new Error(`no chart for ${panel.as}`);
  const box = { x: x + 10, y: y + 28, w: w - 20, h: h - 34 };
  return [
    frame,
    text(title, x + 10, y + 18, w - 20, { 'font-size': 12, 'font-weight': 'bold' }),
    ...(panel.rows.length === 0 ? [text('No results', box.x, box.y + 14, box.w)] : chart(panel, box)),
  ];
}
