import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { ledgerSchema } from '../../src/account/ledger.ts';
import { examinationSchema } from '../../src/commands/check/examination.ts';
import { explanationSchema } from '../../src/commands/map/explanation.ts';
import { rememberedSchema } from '../../src/commands/state/remembered.ts';
import { verificationSchema } from '../../src/commands/verify/verification.ts';
import { configSchema } from '../../src/config/schema.ts';
import { letterSchema } from '../../src/letters/letter.ts';
import { jsonSchemaText } from './json-schema.ts';

/** JSON Schemas for editors and for programs that read our output. `npm run golden` writes them. */
const PUBLISHED = [
  ['config.schema.json', configSchema, 'input'],
  ['ledger.schema.json', ledgerSchema, 'output'],
  ['verification.schema.json', verificationSchema, 'output'],
  ['examination.schema.json', examinationSchema, 'output'],
  ['state.schema.json', rememberedSchema, 'output'],
  ['explanation.schema.json', explanationSchema, 'output'],
  ['dead-letter.schema.json', letterSchema, 'output'],
] as const;

test.each(PUBLISHED)('%s is what the program validates with', (name, schema, io) => {
  const path = fileURLToPath(new URL(`../../schemas/${name}`, import.meta.url));
  const current = jsonSchemaText(name, schema, io);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, current);
  expect(readFileSync(path, 'utf8')).toBe(current);
});
