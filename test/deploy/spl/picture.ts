import { formatTime } from './time.ts';
import { numberOf, type Row, textOf } from './values.ts';
import type { Panel, View } from './view.ts';

/** Draws a dashboard's real results. The picture says that it is a drawing, and does not imitate the product. */

const TIME = '_time';
const WIDTH = 1_200;
const GAP = 12;
const LINE = 18;
const MOST_ROWS = 8;
const COLOURS: Readonly<Record<string, string>> = {
  critical: '#9e2a2b',
  high: '#dc4e41',
  medium: '#e0a100',
  low: '#5794de',
  duplicate: '#9ba6b5',
  filtered: '#c9ced6',
  delivered: '#3f8f4f',
  dead_lettered: '#dc4e41',
};

export function drawView(view: View, resultsOf: (panel: Panel) => readonly Row[]): string {
  const parts = [text(GAP, 26, view.label, 18, 'bold'), text(GAP, 46, view.description, 11)];
  let top = 60;
  for (const panels of view.rows) {
    const width = (WIDTH - GAP) / panels.length - GAP;
    const drawn = panels.map((panel) => drawPanel(panel, resultsOf(panel), width));
    const height = Math.max(...drawn.map((one) => one.height)) + 40;
    drawn.forEach(({ body }, at) => {
      const left = GAP + at * (width + GAP);
      parts.push(
        `<g transform="translate(${round(left)} ${top})">`,
        `<rect width="${round(width)}" height="${height}" fill="#fff" stroke="#c9ced6"/>`,
        text(10, 20, cut(panels[at]?.title ?? '', width - 20, 12), 12, 'bold'),
        `<g transform="translate(10 40)">${body}</g></g>`,
      );
    });
    top += height + GAP;
  }
  parts.push(text(GAP, top + 8, LABEL, 11, 'bold'));
  const height = top + 22;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Helvetica, Arial, sans-serif" fill="#22262b">`,
    `<rect width="${WIDTH}" height="${height}" fill="#f4f5f7"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const LABEL =
  'Not a screenshot: the results of the dashboard’s own searches over an invented story (test/deploy/story), computed and drawn by this repository’s tests.';

interface Drawn {
  readonly body: string;
  readonly height: number;
}

function drawPanel(panel: Panel, rows: readonly Row[], width: number): Drawn {
  if (panel.kind === 'single') return drawSingle(panel, rows, width);
  return panel.kind === 'chart' ? drawColumns(rows, width - 20) : drawTable(panel, rows, width - 20);
}

function drawSingle({ under }: Panel, [row = {}]: readonly Row[], width: number): Drawn {
  const value = textOf(Object.values(row)[0]) ?? 'no results';
  return { body: text(0, 26, value, 28, 'bold') + text(0, 48, cut(under, width - 16, 11), 11), height: 56 };
}

function drawTable({ columns }: Panel, rows: readonly Row[], width: number): Drawn {
  const names = columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = rows.slice(0, MOST_ROWS);
  const cells = [
    names,
    ...shown.map((row) => names.map((name) => (textOf(row[name]) ?? '').replaceAll('\n', ', '))),
  ];
  const wanted = names.map(
    (_, at) => Math.min(30, Math.max(...cells.map((line) => (line[at] ?? '').length))) + 2,
  );
  const scale =
    width /
    Math.max(
      1,
      wanted.reduce((sum, one) => sum + one, 0),
    );
  const lines = cells.map((line, nth) => {
    let left = 0;
    return line
      .map((cell, at) => {
        const room = (wanted[at] ?? 0) * scale;
        const drawn = text(
          left,
          nth * LINE + 10,
          cut(cell, room - 4, 11),
          11,
          nth === 0 ? 'bold' : undefined,
        );
        left += room;
        return drawn;
      })
      .join('');
  });
  const rest = rows.length - shown.length;
  if (rest > 0) lines.push(text(0, cells.length * LINE + 10, `and ${rest} more`, 11));
  if (rows.length === 0) lines.push(text(0, LINE + 10, 'no results', 11));
  return { body: lines.join('\n'), height: (lines.length + 0.5) * LINE };
}

function drawColumns(rows: readonly Row[], width: number): Drawn {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== TIME);
  const most = Math.max(
    1,
    ...rows.map((row) => names.reduce((sum, name) => sum + (numberOf(row[name]) ?? 0), 0)),
  );
  const room = width / rows.length;
  const bars = rows.flatMap((row, at) => {
    let bottom = 130;
    return names.map((name) => {
      const height = ((numberOf(row[name]) ?? 0) / most) * 120;
      bottom -= height;
      return height === 0
        ? ''
        : `<rect x="${round(at * room + 2)}" y="${round(bottom)}" width="${round(room - 4)}" height="${round(height)}" fill="${COLOURS[name] ?? '#777'}"/>`;
    });
  });
  const every = Math.ceil(rows.length / Math.max(1, Math.floor(width / 80)));
  const times = rows.map((row, at) => {
    const when = formatTime(Number(row[TIME]), rows.length > 14 ? '%T' : '%F');
    return at % every === 0 ? text(at * room, 146, when.replace(/:00$/, ''), 10) : '';
  });
  const legend = names.map(
    (name, at) =>
      `<rect x="${at * 110}" y="154" width="10" height="10" fill="${COLOURS[name] ?? '#777'}"/>${text(at * 110 + 14, 163, name, 11)}`,
  );
  return { body: [...bars, ...times, ...legend, text(0, 4, String(most), 10)].join(''), height: 170 };
}

function text(x: number, y: number, content: string, size: number, weight?: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const bold = weight === undefined ? '' : ` font-weight="${weight}"`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}"${bold}>${escaped}</text>`;
}

/** Cuts the text to the letters that fit, by average width. */
function cut(content: string, width: number, size: number): string {
  const most = Math.max(1, Math.floor(width / (size * 0.6)));
  return content.length <= most ? content : `${content.slice(0, most - 1)}…`;
}

function round(number: number): number {
  return Number(number.toFixed(1));
}
