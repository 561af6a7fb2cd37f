import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../../src/contracts/types.ts';
import { holds } from './condition.ts';
import { textOf } from './flatten.ts';

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

/** The oracle: what Splunk's data models ask for. */
const CIM = JSON.parse(readFileSync(new URL('../../oracles/cim-fields.json', import.meta.url), 'utf8')) as {
  readonly invalid_field_values: readonly string[];
  readonly never_extract_in_add_on: readonly string[];
  readonly auto_tags_of_splunk_sa_cim: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, { readonly datasets: Readonly<Record<string, Dataset>> }>>;
};

/** Fields outside the data models: for searches, and what CIM has in another model than the event's. */
const OUTSIDE = new Set(
  `cim_model event_time id signature signature_id severity severity_id type app vendor_product vendor_account src src_type dest
  dest_type dest_port user mitre_technique_id action change fingerprint owner_repo workflow_path run_id run_attempt job_name job_id
  branch head_sha rule_name detection html_url is_lockdown is_suppressed is_resolved
  suppressed_by suppress_reason suppress_rule_id resolved_by resolved_reason parse_warnings description protocol transport
  http_method url url_domain process_id process_name process_hash parent_process_name parent_process_hash target_owner
  target_repository rule cve package_name package_version package_type tags stepsecurity`.split(/\s+/),
);
const LISTS = new Set(['mitre_technique_id', 'parse_warnings', 'tags']);
const OBJECTS = new Set(['change', 'stepsecurity']);
/** What HTTP has and Splunk's list has not: sent as it was. */
const BEYOND = new Set(['http_method: PATCH']);

/** In place of a model: of a change of state, which no model takes. */
export const NO_MODEL = 'none';

export function datasetOf(model: string): Dataset | undefined {
  const [name = '', dataset = ''] = model.split('.');
  const datasets = CIM.models[name]?.datasets ?? {};
  return datasets[dataset] ?? datasets[dataset.replaceAll('_', ' ')];
}

/** What is wrong with an event of a model; empty when nothing is. Absent fields are no matter of this: see `gapsOf`. */
export function lintCim(event: JsonObject, model: string): string[] {
  if (model === NO_MODEL)
    return Object.entries(event).flatMap(([field, value]) => lintField(field, value, undefined, event));
  const dataset = datasetOf(model);
  if (dataset === undefined) return [`${model}: unknown data model`];
  return [
    ...Object.entries(event).flatMap(([field, value]) =>
      lintField(field, value, dataset.fields[field], event),
    ),
    ...lintTags(event, model, dataset),
  ];
}

function lintField(field: string, value: Json, known: CimField | undefined, event: JsonObject): string[] {
  if (OBJECTS.has(field)) return [];
  if (CIM.never_extract_in_add_on.includes(field)) return [`${field}: only Splunk may set it`];
  if (known === undefined && !OUTSIDE.has(field)) return [`${field}: unknown field`];
  if (Array.isArray(value) !== LISTS.has(field))
    return [`${field}: ${LISTS.has(field) ? 'must be' : 'is'} a list`];
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => lintValue(field, one, known, event));
}

function lintValue(field: string, value: Json, known: CimField | undefined, event: JsonObject): string[] {
  const text = textOf(value);
  if (CIM.invalid_field_values.includes(text)) return [`${field}: says nothing`];
  if (typeof value === 'object') return [`${field}: is no scalar`];
  if (known?.dtype === 'number' && typeof value !== 'number') return [`${field}: ${text} is no number`];
  if (BEYOND.has(`${field}: ${text}`)) return [];
  if (known?.values !== undefined && !known.values.includes(text))
    return [`${field}: ${text} is not allowed`];
  return isValid(field, text, known?.validity, event)
    ? []
    : [`${field}: ${text} is not valid: ${known?.validity}`];
}

function isValid(field: string, text: string, validity: string | undefined, event: JsonObject): boolean {
  if (validity === undefined || validity === 'string') return true;
  const pattern = /^matches (.+)$/.exec(validity)?.[1];
  if (pattern !== undefined) return new RegExp(pattern).test(text);
  if (validity.startsWith('protocol/transport pairs')) {
    // A lone half of the pair says nothing wrong.
    const { protocol = 'ip', transport = 'tcp' } = event as Record<string, string>;
    return ['icmp+icmp', 'ip+tcp', 'ip+udp'].includes(`${protocol}+${transport}`);
  }
  if (validity === 'equals dest') return text === event.dest;
  if (validity === 'number') return Number.isFinite(Number(text));
  throw new Error(`no rule for ${field}: ${validity}`);
}

/** The event's tags, those that Splunk adds included, must lead to its one model. */
function lintTags(event: JsonObject, model: string, dataset: Dataset): string[] {
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
  /** Asked for, since their condition holds. */
  readonly conditional: readonly string[];
  readonly recommended: readonly string[];
}

/** The fields a model asks for that an event lacks. */
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
