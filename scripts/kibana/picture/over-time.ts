import { type Box, type Cell, type Chart, type Drawn, grouped, legend, shown } from './drawn.ts';
import { colorOf, line, rect, text } from './svg.ts';

const LEGEND = 190;

export const bars: Chart = (drawn, box) => {
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
};

export const lines: Chart = (drawn, box) => {
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
};

interface Series {
  readonly name: string;
  readonly points: readonly (readonly [slot: number, value: number])[];
}

/** One series for each key before the time, or for each measure. */
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

/** As many names as fit. */
function legendOf(series: readonly Series[], { x, y, w, h }: Box): string[] {
  const names = series.slice(0, Math.floor(h / 16)).map(({ name }) => name);
  return legend(names, names, x + w - LEGEND + 14, y, LEGEND - 14);
}
