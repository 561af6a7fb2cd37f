import { type Chart, grouped, legend, shown } from './drawn.ts';
import { bars, lines } from './over-time.ts';
import { colorOf, path, rect, text } from './svg.ts';

export const CHARTS: Readonly<Record<string, Chart>> = {
  number: ({ rows }, { x, y, w, h }) => [
    text(grouped(Number(rows[0]?.[0] ?? 0)), x + w / 2, y + h / 2 + 12, w, {
      'font-size': 34,
      'text-anchor': 'middle',
    }),
  ],

  table({ labels, rows }, { x, y, w, h }) {
    const widths = labels.map((_, column) =>
      Math.min(42, 2 + Math.max(6, ...[labels, ...rows].map((row) => shown(row[column]).length))),
    );
    const total = widths.reduce((sum, one) => sum + one, 0);
    const starts = widths.map(
      (_, column) => x + (widths.slice(0, column).reduce((a, b) => a + b, 0) / total) * w,
    );
    const room = (column: number): number => ((widths[column] ?? 0) / total) * w - 8;
    const drawn = rows.slice(0, Math.floor((h - 20) / 18));
    return [
      ...labels.map((label, column) =>
        text(label, starts[column] ?? 0, y + 12, room(column), { 'font-weight': 'bold' }),
      ),
      ...drawn.flatMap((row, at) => [
        rect(x, y + 18 + at * 18, w, 1, { fill: '#eef0f4' }),
        ...row.map((cell, column) => text(shown(cell), starts[column] ?? 0, y + 31 + at * 18, room(column))),
      ]),
      ...(drawn.length < rows.length
        ? [text(`${rows.length - drawn.length} more`, x + w - 60, y + 12, 60, { fill: '#69707d' })]
        : []),
    ];
  },

  ranking({ rows }, { x, y, w, h }) {
    const most = Math.max(...rows.map((row) => Number(row[1])));
    const step = Math.min(24, h / rows.length);
    return rows.flatMap(([name, count], at) => [
      text(shown(name ?? null), x, y + at * step + 14, 200),
      rect(x + 210, y + at * step + 3, ((w - 260) * Number(count)) / most, step - 8, {
        fill: colorOf('', 1),
      }),
      text(grouped(Number(count)), x + 216 + ((w - 260) * Number(count)) / most, y + at * step + 14, 40),
    ]);
  },

  donut({ rows }, { x, y, w, h }) {
    const total = rows.reduce((sum, row) => sum + Number(row[1]), 0);
    const [cx, cy, outer, inner] = [x + h / 2, y + h / 2, h / 2 - 6, h / 4];
    let turned = 0;
    const arcs = rows.map(([name, count], at) => {
      const from = turned;
      turned += Number(count) / total;
      return path(arc(cx, cy, outer, inner, from, turned), { fill: colorOf(shown(name ?? null), at) });
    });
    const names = rows.map(([name, count]) => `${shown(name ?? null)}: ${shown(count ?? null)}`);
    return [
      ...arcs,
      ...legend(
        names,
        rows.map((row) => shown(row[0] ?? null)),
        x + h + 10,
        y,
        w - h - 10,
      ),
    ];
  },

  bars,
  lines,
};

function arc(cx: number, cy: number, outer: number, inner: number, from: number, to: number): string {
  // A full turn would end where it began, and show nothing.
  const end = Math.min(to, from + 0.9999);
  const at = (radius: number, turn: number): string => {
    const angle = turn * 2 * Math.PI - Math.PI / 2;
    return `${(cx + radius * Math.cos(angle)).toFixed(2)} ${(cy + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const large = end - from > 0.5 ? 1 : 0;
  return `M${at(outer, from)}A${outer} ${outer} 0 ${large} 1 ${at(outer, end)}L${at(inner, end)}A${inner} ${inner} 0 ${large} 0 ${at(inner, from)}Z`;
}
