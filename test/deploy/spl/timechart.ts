import type { Times } from './commands.ts';
import { readFigures } from './stats.ts';
import { snapTo, spanOf } from './time.ts';
import { type Row, textOf } from './values.ts';

/**
 * `timechart span=1d count BY severity`: a row for each span of the time range, even when it is empty, and a column for
 * each value of the field. Without BY, a column for each figure.
 */
export function timechart(text: string, rows: readonly Row[], { now, earliest, latest }: Times): Row[] {
  const [, length = '', rest = ''] = /^span=(\w+)\s+(.*)$/s.exec(text) ?? [];
  const span = spanOf(length);
  const { figures, by } = readFigures(rest);
  const spans: Row[] = [];
  for (let from = snapTo(earliest, span); from < latest; from += span) {
    const within = rows.filter(({ _time }) => Number(_time) >= from && Number(_time) < from + span);
    spans.push({ _time: from, ...columns(within) });
  }
  return spans;

  function columns(within: readonly Row[]): Row {
    const [field] = by;
    if (field === undefined)
      return Object.fromEntries(figures.map(({ name, of }) => [name, of(within, now)]));
    const [figure] = figures;
    if (figure === undefined || figures.length > 1) throw new Error(`one figure BY one field: ${text}`);
    const names = [...new Set(rows.map((row) => textOf(row[field]) ?? 'NULL'))].sort();
    return Object.fromEntries(
      names.map((name) => [
        name,
        figure.of(
          within.filter((row) => (textOf(row[field]) ?? 'NULL') === name),
          now,
        ),
      ]),
    );
  }
}
