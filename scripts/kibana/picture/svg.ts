/** Just enough SVG, written as text. */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (one) => ESCAPES[one] ?? one);

type Attributes = Readonly<Record<string, string | number>>;

function element(name: string, attributes: Attributes, inner = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(short(value))}"`);
  return inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`;
}

/** Two decimals are enough for a picture, and the same on every machine. */
const short = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;

export const rect = (x: number, y: number, width: number, height: number, more: Attributes): string =>
  element('rect', { x, y, width, height, ...more });

export const line = (points: readonly (readonly [number, number])[], more: Attributes): string =>
  element('polyline', {
    points: points.map(([x, y]) => `${short(x)},${short(y)}`).join(' '),
    fill: 'none',
    ...more,
  });

export const path = (d: string, more: Attributes): string => element('path', { d, ...more });

/** Cuts a text to its width. */
export function text(words: string, x: number, y: number, width: number, more: Attributes = {}): string {
  const size = Number(more['font-size'] ?? 11);
  const letter = more['font-weight'] === 'bold' ? 0.6 : 0.55;
  const room = Math.max(1, Math.floor(width / (size * letter)));
  const cut = words.length > room ? `${words.slice(0, room - 1)}…` : words;
  return element('text', { x, y, 'font-size': size, fill: '#343741', ...more }, escaped(cut));
}

/** A picture as a complete SVG document. */
export function document(width: number, height: number, title: string, inner: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'font-family': 'Inter, Helvetica, Arial, sans-serif',
  };
  return `${element('svg', attributes, `\n<title>${escaped(title)}</title>\n${inner.join('\n')}\n`)}\n`;
}

const COLORS = [
  '#54b399',
  '#6092c0',
  '#d36086',
  '#9170b8',
  '#da8b45',
  '#d6bf57',
  '#b9a888',
  '#aa6556',
  '#e7664c',
  '#5bbad5',
  '#7b7f9e',
  '#a3b763',
  '#ca8eae',
];
const NAMED: Readonly<Record<string, string>> = {
  Critical: '#bd271e',
  High: '#da8b45',
  Medium: '#d6bf57',
  Low: '#54b399',
  failure: '#bd271e',
};
export const colorOf = (name: string, nth: number): string =>
  NAMED[name] ?? COLORS[nth % COLORS.length] ?? '';
