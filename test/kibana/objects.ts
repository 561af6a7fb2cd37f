import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../src/contracts/types.ts';
import { textOf } from '../../src/mapping/lint/flatten.ts';

/** What is installed into Kibana, read from the files that people import, not from their sources. */

const FOLDER = new URL('../../deploy/elasticsearch/kibana/', import.meta.url);

export interface Saved {
  readonly type: string;
  readonly id: string;
  readonly attributes: JsonObject;
  readonly references: readonly { readonly type: string; readonly id: string; readonly name: string }[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

export interface Source {
  readonly query: { readonly query: string; readonly language: string };
  readonly filter: readonly { readonly query: JsonObject; readonly meta: JsonObject }[];
}

export interface Panel {
  readonly panelIndex: string;
  readonly type: string;
  readonly title?: string;
  readonly panelRefName?: string;
  readonly gridData: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly embeddableConfig: { readonly attributes?: JsonObject };
}

function ndjson<T>(name: string): T[] {
  const lines = readFileSync(new URL(name, FOLDER), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

export const savedObjects = ndjson<Saved>('saved-objects.ndjson');
export const detectionRules = ndjson<Rule>('detection-rules.ndjson');

/** The parts of a rule that the suites read. */
export interface Rule {
  readonly rule_id: string;
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly index?: readonly string[];
  readonly from: string;
  readonly interval: string;
  readonly enabled?: true;
  readonly severity_mapping: readonly { readonly value: string; readonly severity: string }[];
  readonly rule_name_override?: string;
  readonly investigation_fields: { readonly field_names: readonly string[] };
  readonly alert_suppression?: { readonly group_by?: readonly string[] };
  readonly threshold?: {
    readonly field: readonly [string];
    readonly value: number;
    readonly cardinality: readonly [{ readonly field: string; readonly value: number }];
  };
  readonly new_terms_fields?: readonly string[];
  readonly history_window_start?: string;
  readonly threat_index?: readonly string[];
  readonly threat_query?: string;
  readonly threat_mapping?: readonly {
    readonly entries: readonly { readonly field: string; readonly value: string }[];
  }[];
}

const parsed = (text: Json | undefined): unknown => JSON.parse(textOf(text));

export function sourceOf({ attributes }: Saved): Source {
  const { searchSourceJSON } = attributes.kibanaSavedObjectMeta as JsonObject;
  return parsed(searchSourceJSON) as Source;
}

export const panelsOf = ({ attributes }: Saved): Panel[] => parsed(attributes.panelsJSON) as Panel[];

export interface Control {
  readonly explicitInput: { readonly fieldName: string; readonly title: string };
}

export function controlsOf({ attributes }: Saved): Control[] {
  const { panelsJSON } = attributes.controlGroupInput as JsonObject;
  return Object.values(parsed(panelsJSON) as Record<string, Control>);
}

export const ofType = (type: string): Saved[] => savedObjects.filter((one) => one.type === type);

/** The saved object that the reference with this name points to. */
export function referred(from: Saved, name: string): Saved {
  const reference = from.references.find((one) => one.name === name);
  const found = savedObjects.find((one) => one.type === reference?.type && one.id === reference.id);
  if (found === undefined) throw new Error(`${from.id}: nothing under ${name}`);
  return found;
}
