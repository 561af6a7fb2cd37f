import { z } from 'zod';
import { fields } from '../../language.ts';

const model = z
  .string()
  .regex(/^[A-Z]\w+\.[A-Z]\w+$/)
  .describe('Data model and dataset, e.g. Intrusion_Detection.IDS_Attacks.');

/** The section `cim` of a kind's file. */
export const cimKind = z.strictObject({
  model,
  fields: fields.default({}).describe('CIM fields of this kind, over those of _common and of the model.'),
  activity: z
    .strictObject({ model, fields: fields.default({}) })
    .optional()
    .describe('The second event of the profile fan_out.'),
});

/** The section `cim` of `_common.yaml`. */
export const cimCommon = z.strictObject({
  fields: fields.describe('Of every event.'),
  models: z.record(model, fields).describe('Added for the events of a model.'),
  activity: fields.describe('Of every second event of fan_out.'),
  change: fields.describe('All that an event of a change of state has.'),
});

export type CimKind = z.output<typeof cimKind>;
export type CimCommon = z.output<typeof cimCommon>;
