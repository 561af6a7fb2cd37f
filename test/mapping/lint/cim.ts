import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../src/contracts/types.ts';
import { holds } from './condition.ts';

interface CimField {
  readonly need: string;
  readonly recommended?: boolean;
  readonly when?: string;
  readonly values?: readonly string[];
  readonly validity?: string;
  readonly multi_value?: boolean;
  readonly dtype?: string;
}
interface Dataset {
  readonly tags: readonly (readonly string[])[];
  readonly fields: Readonly<Record<string, CimField>>;
}

/** The oracle: what Splunk's data models require. */
const CIM = JSON.parse(readFileSync(new URL('../../oracles/cim-fields.json', import.meta.url), 'utf8')) as {
  readonly auto_tags_of_splunk_sa_cim: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, { readonly datasets: Readonly<Record<string, Dataset>> }>>;
};

/** In place of a model, for a state change, which fits no model. */
export const NO_MODEL = 'none';

export function datasetOf(model: string): Dataset | undefined {
  const [name = '', dataset = ''] = model.split('.');
  const datasets = CIM.models[name]?.datasets ?? {};
  return datasets[dataset] ?? datasets[dataset.replaceAll('_', ' ')];
}

/** The event's tags, including those that Splunk adds, must lead to its one model. */
export function lintTags(event: JsonObject, model: string): string[] {
  const dataset = datasetOf(model);
  if (dataset === undefined) return [`${model}: unknown data model`];
  const added = Object.entries(CIM.auto_tags_of_splunk_sa_cim)
    .filter(([term]) => holds(term, event))
    .map(([, tag]) => tag);
  const tags = new Set([...(dataset.tags[0] ?? []), ...added]);
  const models = Object.entries(CIM.models)
    .filter(([, { datasets }]) =>
      Object.values(datasets).some((one) => one.tags.some((set) => set.every((tag) => tags.has(tag)))),
    )
    .map(([name]) => name);
  const extra = added.length === 0 ? [] : [`Splunk tags it ${added.join(', ')}`];
  return models.length === 1 && models[0] === model.split('.')[0]
    ? extra
    : [...extra, `tags ${[...tags].join(', ')} mean ${models.join(' and ')}`];
}

export interface Gaps {
  readonly required: readonly string[];
  /** Required, since their condition holds. */
  readonly conditional: readonly string[];
  readonly recommended: readonly string[];
}

/** The fields that a model requires and an event lacks. */
export function gapsOf(event: JsonObject, model: string): Gaps {
  const lacking = Object.entries(datasetOf(model)?.fields ?? {}).filter(
    ([field]) => event[field] === undefined,
  );
  const conditional = lacking.filter(
    ([, { need, when }]) => need === 'conditional' && when !== undefined && holds(when, event),
  );
  const asked = new Set(conditional.map(([field]) => field));
  return {
    required: lacking.filter(([, { need }]) => need === 'required').map(([field]) => field),
    conditional: [...asked],
    recommended: lacking
      .filter(
        ([field, { need, recommended }]) => recommended === true && need !== 'required' && !asked.has(field),
      )
      .map(([field]) => field),
  };
}
