/** Draws the output of a command on a terminal: its text, and the few styles that `src/terminal/screen.ts` uses. */

const LETTER = 8.43;
const LINE = 19;
const PADDING = 20;
const COLORS = { page: '#0d1117', words: '#e6edf3', prompt: '#7d8590' };

/** The codes of `styleText`, each with its appearance. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold"',
  2: 'fill="#7d8590"',
  31: 'fill="#ff7b72"',
  32: 'fill="#3fb950"',
  33: 'fill="#d29922"',
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `columns`: the width of the terminal. */
export function drawTerminal(command: string, shown: string, columns: number): string {
  const lines = [`\u001B[2m$\u001B[22m ${command}`, ...shown.trimEnd().split('\n')];
  const width = Math.ceil(columns * LETTER) + 2 * PADDING;
  const height = lines.length * LINE + 2 * PADDING;
  const rows = lines.map((line, nth) => {
    const y = PADDING + nth * LINE + 14;
    return line === '' ? '' : `<text x="${PADDING}" y="${y}">${styled(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`,
    `  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${COLORS.words}"`,
    '  xml:space="preserve">',
    `<title>What ${escaped(command)} shows</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${COLORS.page}"/>`,
    ...rows.filter((row) => row !== ''),
    '</svg>\n',
  ].join('\n');
}

/** One style at a time: the codes that end a style follow its text. */
function styled(line: string): string {
  // Text and codes alternate.
  const [first = '', ...rest] = line.split(/\u001B\[(\d+)m/);
  let out = escaped(first);
  for (let at = 0; at < rest.length; at += 2) {
    const style = STYLES[rest[at] ?? ''];
    const text = escaped(rest[at + 1] ?? '');
    out += style === undefined || text === '' ? text : `<tspan ${style}>${text}</tspan>`;
  }
  return out;
}
