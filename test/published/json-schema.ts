import { z } from 'zod';

/** A schema as it is published, with a name that other schemas and editors can refer to. */
export function jsonSchemaText(name: string, schema: z.ZodType, io: 'input' | 'output'): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  const $id = `urn:stepsecurity-siem:${name.replace('.schema.json', '')}`;
  return `${JSON.stringify({ $schema, $id, ...rest }, null, 2)}\n`;
}
