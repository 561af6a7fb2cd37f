import Table from 'cli-table3';
import type { Detection } from '../detections/detection.ts';
import type { Document, Json } from '../types.ts';

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
    const after = flatten(JSON.parse(document.json) as Json);
    const table = new Table({
      head: [
        `${detection.id} (as exported)`,
        document.role === undefined ? 'document' : `document (${document.role})`,
      ],
      colWidths: [half, half],
      wordWrap: true,
      wrapOnWordBoundary: false,
      style: { head: [], border: [] },
    });
    table.push([before.join('\n'), after.join('\n')]);
    return table.toString();
  });
  return `${tables.join('\n')}\n`;
}

function flatten(value: Json, path = ''): string[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      flatten(member, path === '' ? key : `${path}.${key}`),
    );
  }
  return [`${path}: ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}
