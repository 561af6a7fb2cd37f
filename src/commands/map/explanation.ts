import * as z from 'zod';
import { SCHEMAS, type Schema } from '../../contracts/schema.ts';
import type { Document, Json } from '../../contracts/types.ts';
import type { Detection } from '../../detections/detection.ts';
import type { Places } from '../../mapping/places.ts';
import { OUTPUT_SCHEMAS } from '../../mapping/schemas/index.ts';
import type { Transform } from '../../session/transform.ts';
import { fieldsOf, influenceOf } from './influence.ts';

const member = z.string().describe('A member of the payload, e.g. process_events[0].exe.');

/** What `map --explain` prints for each document. */
export const explanationSchema = z
  .strictObject({
    explanation: z.literal(1).describe('Version of this schema.'),
    schema: z.enum(SCHEMAS),
    kind: z.string(),
    uid: z.string(),
    role: z.enum(['activity', 'state_change']).optional().describe('Of a document that is not a finding.'),
    fields: z
      .array(
        z.strictObject({
          field: z.string(),
          value: z.json(),
          from: z.array(member).describe('The members it depends on. Empty: the same for every detection.'),
          rules: z
            .array(
              z.strictObject({
                in: z.enum(['common', 'kind']).describe('_common.yaml, or the file for the kind.'),
                file: z.string(),
                line: z.int().positive(),
              }),
            )
            .describe(
              'The rule that wrote it, then what the file for the kind adds. Empty: written by the program itself.',
            ),
        }),
      )
      .describe('In document order.'),
    kept: z
      .array(z.strictObject({ member, under: z.string() }))
      .describe('Members that no other field depends on, kept as is.'),
    left_out: z.array(z.strictObject({ member, why: z.string() })).describe('Members without a field.'),
    masked: z.record(z.string(), z.int()).describe('How often each redaction rule masked something.'),
    warnings: z.array(z.string()).describe('Doubts about what was read, by code.'),
  })
  .describe('What became of a detection, as printed by stepsecurity-siem map --explain.');

export type Explanation = z.output<typeof explanationSchema>;

export interface ExplainOptions {
  readonly schema: Schema;
  readonly places: Places;
  /** Must not be shared: it overwrites its pages. */
  readonly transform: Transform;
  readonly receivedMs: number;
}

/** Explains each document of a detection. */
export function explanationsOf(
  detection: Detection,
  documents: readonly Document[],
  { schema, places, transform, receivedMs }: ExplainOptions,
): Explanation[] {
  const influence = influenceOf(detection, transform, receivedMs);
  const { verbatim } = OUTPUT_SCHEMAS[schema];
  const underOf = (field: string): string | undefined =>
    verbatim.find((one) => field === one || field.startsWith(`${one}.`));
  return documents.map(({ role, json }): Explanation => {
    const all = [...fieldsOf(JSON.parse(json.toString()) as Json)];
    const used = new Set<string>();
    const hashed = new Set<string>();
    const kept = new Map<string, string>();
    const fields: Explanation['fields'] = [];
    for (const [field, value] of all) {
      const under = underOf(field);
      const from = influence.sourcesOf(role, field);
      if (under !== undefined) {
        for (const name of from) kept.set(name, under);
        continue;
      }
      // A field with only a hash of it does not show what it says.
      const isHash = value === detection.uid || value === detection.fingerprint;
      for (const name of from) (isHash ? hashed : used).add(name);
      fields.push({ field, value, from: [...from], rules: [...places.of(field, detection, role)] });
    }
    const names = influence.members.filter(({ name }) => !used.has(name));
    return {
      explanation: 1,
      schema,
      kind: detection.id,
      uid: detection.uid,
      ...(role === undefined ? {} : { role }),
      fields,
      kept: names.flatMap(({ name }) => {
        const under = kept.get(name);
        return under === undefined ? [] : [{ member: name, under }];
      }),
      left_out: [
        ...names
          .filter(({ name }) => !kept.has(name))
          .map(({ name, value }) => ({ member: name, why: hashed.has(name) ? HASHED : whyNot(value) })),
        ...(detection.secret?.masked_length === undefined ? [] : [{ member: 'secret', why: MASK }]),
      ],
      masked: Object.fromEntries(detection.masks ?? []),
      warnings: [...detection.warnings],
    };
  });
}

const HASHED = 'except in hashes, which tell the detection apart from others';
const MASK = 'because the first and last characters of its mask are real; its length is kept';

function whyNot(value: Json): string {
  const isEmpty =
    value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? 'because it is empty' : 'because nothing in the document depends on it';
}
