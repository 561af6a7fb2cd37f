import type { Schema } from '../../contracts/schema.ts';
import type { Document, Json } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import { OUTPUT_SCHEMAS } from '../../mapping/schemas/index.ts';
import type { Transform } from '../../session/transform.ts';
import { fieldsOf, influenceOf } from '../map/influence.ts';
import type { Pair } from './screen.ts';

/** The kind that is shown. */
const SHOWN = 'Reverse-Shell';

/** What some members of a payload became; empty for any kind but the one shown. */
export function exampleOf(
  detection: Detection,
  [document]: readonly Document[],
  schema: Schema,
  transform: Transform,
): Pair[] {
  if (detection.id !== SHOWN || document === undefined) return [];
  const fields = fieldsOf(JSON.parse(document.json.toString()) as Json);
  const { members, sourcesOf } = influenceOf(detection, transform, Date.now());
  const values = new Map(members.map(({ name, value }) => [name, value]));
  return OUTPUT_SCHEMAS[schema].shown.fields.flatMap((field) => {
    const value = fields.get(field);
    // The last of several: a program comes before its arguments.
    const name = sourcesOf(document.role, field).at(-1);
    if (value === undefined || name === undefined) return [];
    return [{ before: `${name}: ${textOf(values.get(name))}`, after: `${field}: ${textOf(value)}` }];
  });
}

/** The message sentence of a document. */
export function sentenceOf([document]: readonly Document[], schema: Schema): string {
  if (document === undefined) return '';
  const fields = fieldsOf(JSON.parse(document.json.toString()) as Json);
  return textOf(fields.get(OUTPUT_SCHEMAS[schema].shown.sentence));
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
