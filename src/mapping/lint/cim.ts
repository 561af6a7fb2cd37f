import type { Json, JsonObject } from '../../contracts/types.ts';
import type { CommonFile } from '../files.ts';
import { type CimField, cimFacts } from './facts.ts';
import { textOf } from './flatten.ts';
import { nearTo } from './near.ts';

/** Fields that are lists in the event; all others are scalars. */
const LISTS = new Set(['mitre_technique_id', 'parse_warnings', 'tags', 'findings']);
/** Our own objects. */
const OBJECTS = new Set(['change', 'labels', 'stepsecurity']);
/** Fields that the program itself writes. */
export const BY_PROGRAM = ['cim_model', 'description', 'mapper_version', 'tags', 'labels', 'stepsecurity'];
/** Fields of the envelope, and those that eventtypes select by. */
const OF_SPLUNK = ['eventtype', 'host', 'index', 'source', 'sourcetype'];
/** Values that HTTP has but Splunk's list does not: sent unchanged. */
const BEYOND = new Set(['http_method: PATCH']);

/** Fields of events that belong to no data model: those that all kinds share, and those that the program writes. */
export function beyondModels({ cim }: Pick<CommonFile, 'cim'>): ReadonlySet<string> {
  const shared = [cim.fields, cim.activity, cim.change, ...Object.values(cim.models)];
  return new Set([...BY_PROGRAM, ...shared.flatMap((fields) => Object.keys(fields))]);
}

/**
 * Problems with a name. A mapping may add its own fields for searches; one that resembles a known field is taken
 * for a typo.
 */
export function lintCimName(name: string, beyond: ReadonlySet<string>): string[] {
  if (OF_SPLUNK.includes(name) || cimFacts().reserved.includes(name))
    return [`${name}: only Splunk may set it`];
  if (isCimField(name) || beyond.has(name)) return [];
  const near = nearTo(name, [...Object.values(cimFacts().models).flatMap(Object.keys), ...beyond]);
  return near === undefined ? [] : [`${name}: unknown field; did you mean ${near}?`];
}

function isCimField(name: string): boolean {
  return Object.values(cimFacts().models).some((fields) => Object.hasOwn(fields, name));
}

/**
 * Problems with an event; empty if there are none. Absent fields are not checked here. `beyond`: fields outside all
 * data models.
 */
export function lintCim(event: JsonObject, beyond: ReadonlySet<string>): string[] {
  return [
    ...Object.entries(event).flatMap(([field, value]) => lintField(field, value, event, beyond)),
    ...lintTagged(event),
  ];
}

function lintField(field: string, value: Json, event: JsonObject, beyond: ReadonlySet<string>): string[] {
  if (OBJECTS.has(field)) return [];
  const misnamed = lintCimName(field, beyond);
  if (misnamed.length > 0) return misnamed;
  if (Array.isArray(value) !== LISTS.has(field))
    return [`${field}: ${LISTS.has(field) ? 'must be' : 'is'} a list`];
  const known = cimField(event.cim_model, field);
  return (Array.isArray(value) ? value : [value]).flatMap((one) => [
    ...lintCimValue(field, one, known),
    ...lintValidity(field, one, known, event),
  ]);
}

export function cimField(model: Json | undefined, field: string): CimField | undefined {
  return typeof model === 'string' && isCimField(field) ? cimFacts().models[model]?.[field] : undefined;
}

/** Problems with one value of a field, regardless of the rest of the event. */
export function lintCimValue(field: string, value: Json, known: CimField | undefined): string[] {
  const text = textOf(value);
  if (cimFacts().says_nothing.includes(text)) return [`${field}: says nothing`];
  if (typeof value === 'object') return [`${field}: is not a scalar`];
  if (known?.dtype === 'number' && typeof value !== 'number') return [`${field}: ${text} is not a number`];
  if (BEYOND.has(`${field}: ${text}`)) return [];
  if (known?.values !== undefined && !known.values.includes(text))
    return [`${field}: ${text} is not allowed`];
  return [];
}

function lintValidity(field: string, value: Json, known: CimField | undefined, event: JsonObject): string[] {
  const text = textOf(value);
  const validity = known?.validity;
  return typeof value === 'object' || isValid(text, validity, event)
    ? []
    : [`${field}: ${text} is not valid: ${validity}`];
}

/** Checks the rules that can be checked here; the others are about values that none of our mappings has. */
function isValid(text: string, validity: string | undefined, event: JsonObject): boolean {
  if (validity === undefined) return true;
  const pattern = /^matches (.+)$/.exec(validity)?.[1];
  if (pattern !== undefined) return new RegExp(pattern).test(text);
  if (validity.startsWith('protocol/transport pairs')) {
    // Half of the pair alone is not wrong.
    const { protocol = 'ip', transport = 'tcp' } = event as Record<string, string>;
    return ['icmp+icmp', 'ip+tcp', 'ip+udp'].includes(`${protocol}+${transport}`);
  }
  if (validity === 'equals dest') return text === event.dest;
  return true;
}

/** Tags that Splunk itself adds, each of which would put the event into another data model. */
export function lintTagged(event: JsonObject): string[] {
  return Object.entries(cimFacts().tagged)
    .filter(([term]) => {
      const [field = '', value = ''] = term.split('=');
      return event[field] !== undefined && textOf(event[field]).toLowerCase() === value;
    })
    .map(([term, tag]) => `${term.replace('=', ': ')}: Splunk tags it ${tag}`);
}
