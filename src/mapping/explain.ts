import Table from 'cli-table3';
import { isObject } from '../contracts/json.ts';
import type { Document, Json } from '../contracts/types.ts';
import type { Detection } from '../detections/detection.ts';
import { printable } from '../text/printable.ts';

/** Columns of text in each half when the terminal does not say. */
const HALF = 52;

/** The before and after of one detection as a two-column table: its payload's fields, and those of its documents. */
export function explain(
  detection: Detection,
  documents: readonly Document[],
  columns = process.stdout.columns,
): string {
  const half = columns === undefined ? HALF : Math.max(30, Math.floor((columns - 7) / 2));
  const before = flatten(detection.payload);
  const tables = documents.map((document) => {
    const after = flatten(JSON.parse(document.json.toString()) as Json);
    // A row per line: the table's time grows with the square of a cell's lines.
    const table = new Table({
      head: [
        `${printable(detection.id)} (as exported)`,
        document.role === undefined ? 'document' : `document (${document.role})`,
      ],
      style: { head: [], border: [] },
      chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    });
    const left = wrap(before, half - 2);
    const right = wrap(after, half - 2);
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      table.push([left[at] ?? '', right[at] ?? '']);
    }
    return table.toString();
  });
  return `${tables.join('\n')}\n`;
}

function flatten(value: Json, path = ''): string[] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      flatten(member, path === '' ? key : `${path}.${key}`),
    );
  }
  return [printable(`${path}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)];
}

/** Lines of at most `width` characters. */
function wrap(lines: readonly string[], width: number): string[] {
  const pieces = new RegExp(`.{1,${width}}`, 'gsu');
  return lines.flatMap((line) => line.match(pieces) ?? ['']);
}
