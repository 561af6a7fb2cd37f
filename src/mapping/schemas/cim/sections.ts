import * as z from 'zod';
import { fields } from '../../language.ts';

const model = z
  .string()
  .regex(/^[A-Z]\w+\.[A-Z]\w+$/, 'must be a data model and dataset such as Alerts.Alerts')
  .describe('Data model and dataset, e.g. Intrusion_Detection.IDS_Attacks.');

/**
 * The add-on reads findings from one source type and observations from another: a finding in Endpoint would count
 * as an observation, without its severity, and match no eventtype. Any other model is the operator's own, with its
 * own eventtype.
 */
const ofFindings = model.regex(
  /^(?!(?:Network_Traffic|Web|Endpoint)\.)/,
  'is a model for observations: move it to cim.activity.model (profile fan_out), and use Alerts.Alerts, Intrusion_Detection.IDS_Attacks or DLP.DLP_Incidents here',
);
const ofActivity = model.regex(
  /^(?!(?:Alerts|Intrusion_Detection|DLP)\.)/,
  'is a model for findings, which belong in cim.model: use Network_Traffic.All_Traffic, Web.Web, Endpoint.Processes or Endpoint.Filesystem here',
);

/** The `cim` section of a kind's file. */
export const cimKind = z.strictObject({
  model: ofFindings,
  fields: fields
    .default({})
    .describe('CIM fields of this kind; they override those of _common and of the model.'),
  activity: z
    .strictObject({ model: ofActivity, fields: fields.default({}) })
    .optional()
    .describe('The second event with the profile fan_out.'),
});

/** The `cim` section of `_common.yaml`. */
export const cimCommon = z.strictObject({
  fields: fields.describe('For every event.'),
  models: z.record(model, fields).describe('Added to the events of a model.'),
  activity: fields.describe('For every second event of fan_out.'),
  change: fields.describe('The complete event for a change of state.'),
});

export type CimKind = z.output<typeof cimKind>;
export type CimCommon = z.output<typeof cimCommon>;
