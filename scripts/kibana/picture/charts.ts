import { colorOf, line, path, rect, text } from './svg.ts';

export type Cell = string | number | null;

/** Where a panel's content goes, below its title. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Drawn {
  readonly as: string;
  /** Of the columns of its rows. */
  readonly labels: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** How many of the columns are keys. */
  readonly keys: number;
  /** The first and last moment of the axis, and the time of a step, in milliseconds. */
  readonly times?: readonly [from: number, to: number, step: number];
}

type Chart = (drawn: Drawn, box: Box) => string[];

const LEGEND = 190;
const shown = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '–' : String(cell));
const grouped = (value: number): string => value.toLocaleString('en-US');

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

  bars(drawn, box) {
    const series = seriesOf(drawn);
    const { slots, left, bottom, width, axis } = frameOf(drawn, box);
    const sums = new Map<number, number>();
    for (const { points } of series)
      for (const [slot, value] of points) sums.set(slot, (sums.get(slot) ?? 0) + value);
    const most = Math.max(...sums.values());
    const base = new Map<number, number>();
    const bars = series.flatMap(({ name, points }, at) =>
      points.flatMap(([slot, value]) => {
        if (value === 0) return [];
        const height = (value / most) * (box.h - 24);
        const under = base.get(slot) ?? 0;
        base.set(slot, under + height);
        const step = width / slots;
        return [
          rect(left + slot * step + 1, bottom - under - height, step - 2, height, {
            fill: colorOf(name, at),
          }),
        ];
      }),
    );
    return [...axis(most), ...bars, ...legendOf(series, box)];
  },

  lines(drawn, box) {
    const series = seriesOf(drawn);
    const { slots, left, bottom, width, axis } = frameOf(drawn, box);
    const most = Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value)));
    const lines = series.map(({ name, points }, at) =>
      line(
        points.map(([slot, value]) => [
          left + ((slot + 0.5) * width) / slots,
          bottom - (value / most) * (box.h - 24),
        ]),
        { stroke: colorOf(name, at), 'stroke-width': 2 },
      ),
    );
    return [...axis(most), ...lines, ...legendOf(series, box)];
  },
};

interface Series {
  readonly name: string;
  readonly points: readonly (readonly [slot: number, value: number])[];
}

/** By the key before the time, or one for each measure. */
function seriesOf({ rows, keys, labels, times = [0, 1, 1] }: Drawn): Series[] {
  const slotOf = (cell: Cell | undefined): number =>
    Math.round((Date.parse(shown(cell)) - times[0]) / times[2]);
  if (keys === 1)
    return labels.slice(1).map((name, nth) => ({
      name,
      points: rows.map((row) => [slotOf(row[0]), Number(row[nth + 1])] as const),
    }));
  const names = [...new Set(rows.map((row) => shown(row[0])))];
  return names.map((name) => ({
    name,
    points: rows.filter((row) => row[0] === name).map((row) => [slotOf(row[1]), Number(row[2])] as const),
  }));
}

function frameOf({ times = [0, 1, 1] }: Drawn, { x, y, w, h }: Box) {
  const [from, to, step] = times;
  const slots = Math.round((to - from) / step);
  const [left, bottom, width] = [x + 36, y + h - 16, w - 36 - LEGEND];
  const day = 86_400_000;
  const days = Math.round((to - from) / day);
  const axis = (most: number): string[] => [
    rect(left, bottom, width, 1, { fill: '#d3dae6' }),
    text(grouped(most), x, y + 12, 34),
    text('0', x, bottom, 34),
    ...Array.from({ length: Math.ceil(days / 2) }, (_, at) =>
      text(
        new Date(from + at * 2 * day).toISOString().slice(5, 10),
        left + (at * 2 * width) / days,
        bottom + 13,
        60,
        {
          'font-size': 10,
          fill: '#69707d',
        },
      ),
    ),
  ];
  return { slots, left, bottom, width, axis };
}

/** As many names as there is room for. */
function legendOf(series: readonly Series[], { x, y, w, h }: Box): string[] {
  const names = series.slice(0, Math.floor(h / 16)).map(({ name }) => name);
  return legend(names, names, x + w - LEGEND + 14, y, LEGEND - 14);
}

function legend(
  words: readonly string[],
  names: readonly string[],
  x: number,
  y: number,
  w: number,
): string[] {
  return words.flatMap((word, at) => [
    rect(x, y + 4 + at * 16, 9, 9, { fill: colorOf(names[at] ?? '', at) }),
    text(word, x + 14, y + 12 + at * 16, w - 14),
  ]);
}

function arc(cx: number, cy: number, outer: number, inner: number, from: number, to: number): string {
  // A whole turn would end where it began, and show nothing.
  const end = Math.min(to, from + 0.9999);
  const at = (radius: number, turn: number): string => {
    const angle = turn * 2 * Math.PI - Math.PI / 2;
    return `${(cx + radius * Math.cos(angle)).toFixed(2)} ${(cy + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const large = end - from > 0.5 ? 1 : 0;
  return `M${at(outer, from)}A${outer} ${outer} 0 ${large} 1 ${at(outer, end)}L${at(inner, end)}A${inner} ${inner} 0 ${large} 0 ${at(inner, from)}Z`;
}
