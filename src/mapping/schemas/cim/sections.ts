import * as z from 'zod';
import { fields } from '../../language.ts';

const model = z
  .string()
  .regex(/^[A-Z]\w+\.[A-Z]\w+$/, 'no data model and dataset such as Alerts.Alerts')
  .describe('Data model and dataset, e.g. Intrusion_Detection.IDS_Attacks.');

/**
 * The add-on takes findings from one source type and what was observed from another: a finding in Endpoint would count as
 * an observation, without its severity, and be in no eventtype. Any other model is the operator's own, with its own eventtype.
 */
const ofFindings = model.regex(
  /^(?!(?:Network_Traffic|Web|Endpoint)\.)/,
  'is a model of what was observed: move it to cim.activity.model (profile fan_out), and name here Alerts.Alerts, Intrusion_Detection.IDS_Attacks or DLP.DLP_Incidents',
);
const ofActivity = model.regex(
  /^(?!(?:Alerts|Intrusion_Detection|DLP)\.)/,
  'is a model of findings, which cim.model is for: name here Network_Traffic.All_Traffic, Web.Web, Endpoint.Processes or Endpoint.Filesystem',
);

/** The section `cim` of a kind's file. */
export const cimKind = z.strictObject({
  model: ofFindings,
  fields: fields.default({}).describe('CIM fields of this kind, over those of _common and of the model.'),
  activity: z
    .strictObject({ model: ofActivity, fields: fields.default({}) })
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
