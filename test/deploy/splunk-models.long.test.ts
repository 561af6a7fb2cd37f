import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Document, JsonObject } from '../../src/contracts/types.ts';
import type { Detection } from '../../src/detections/detection.ts';
import { kindFile } from '../../src/mapping/files.ts';
import { compileMapper } from '../../src/mapping/mapper.ts';
import { DEFAULT_MAPPER } from '../../src/mapping/options.ts';
import { profilesOf } from '../../src/mapping/profiles.ts';
import { CIM_PROFILES, type CimProfile } from '../../src/mapping/schemas/cim/profile.ts';
import { bodyOf, createEnvelope } from '../../src/sinks/splunk-hec/envelope.ts';
import { ROLE_SOURCETYPES, SOURCETYPE } from '../../src/sinks/splunk-hec/options.ts';
import { rows } from '../full.ts';
import { mapperOf } from '../mapping/documents.ts';
import { detectionOf, MAPPINGS, readSamples } from '../mapping/samples.ts';
import { addonConf } from './spl/addon.ts';
import { compileSearch } from './spl/condition.ts';
import type { Row } from './spl/values.ts';

/**
 * How a search head classifies the events: which eventtypes each has and, by their tags, which data model. The
 * expectations are read from the mapping files as they are; no kind is named here.
 */

const eventtypes = addonConf('eventtypes');
const tags = addonConf('tags');
const searches = new Map([...eventtypes].map(([name, of]) => [name, compileSearch(of.get('search') ?? '')]));

/** The tags by which Splunk_SA_CIM selects the events of each data model. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  'Alerts.Alerts': ['alert'],
  'Intrusion_Detection.IDS_Attacks': ['ids', 'attack'],
  'DLP.DLP_Incidents': ['dlp', 'incident'],
  'Network_Traffic.All_Traffic': ['network', 'communicate'],
  'Web.Web': ['web'],
  'Endpoint.Processes': ['process', 'report'],
  'Endpoint.Filesystem': ['endpoint', 'filesystem'],
};

interface Seen {
  readonly eventtypes: readonly string[];
  readonly models: readonly string[];
}

function seen(event: Row): Seen {
  const matching = [...searches].filter(([, matches]) => matches(event)).map(([name]) => name);
  const given = new Set(matching.flatMap((name) => [...(tags.get(`eventtype=${name}`)?.keys() ?? [])]));
  const models = Object.keys(MODELS).filter((model) => MODELS[model]?.every((tag) => given.has(tag)));
  return { eventtypes: matching, models };
}

/** In one eventtype, which leads to one data model. */
function isOf(model: string | undefined, { eventtypes: types, models }: Seen): boolean {
  return types.length === 1 && models.length === 1 && models[0] === model;
}

const CLOSED: Seen = { eventtypes: ['stepsecurity_closed'], models: [] };
const CHANGED: Seen = { eventtypes: ['stepsecurity_state_change'], models: [] };

interface Kind {
  readonly detection: string;
  readonly cim: { readonly model: string; readonly activity?: { readonly model: string } };
}
const FOLDER = new URL('../../mappings/', import.meta.url);
const yaml = (name: string): unknown => parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const kinds = new Map(
  readdirSync(FOLDER)
    .filter((name) => name !== '_common.yaml')
    .map((name) => yaml(name) as Kind)
    .map((kind) => [kind.detection, kind]),
);
const modelsWithFields = Object.keys((yaml('_common.yaml') as { cim: { models: object } }).cim.models);

const envelope = createEnvelope(
  { host: 'h', sourcetype: SOURCETYPE, index: undefined, source: undefined },
  'api',
);

/** As a search sees it: the fields of the event plus the source type of its envelope. */
function arrived(document: Document): Row {
  const { sourcetype, event } = JSON.parse(bodyOf([envelope(document)]).toString()) as {
    sourcetype: string;
    event: JsonObject;
  };
  return { sourcetype, ...event };
}

function eventsOf(detection: Detection, cimProfile: CimProfile): Row[] {
  return mapperOf({ schema: 'cim', cimProfile })(detection).map(arrived);
}

const samples = readSamples().flatMap(({ name, detections }) =>
  detections.map((detection, nth) => ({ name: `${name} ${nth + 1}`, detection })),
);
const findings = samples.filter(({ detection }) => detection.change === undefined);
const changes = samples.filter(({ detection }) => detection.change !== undefined);

describe.each(CIM_PROFILES)('with the profile %s', (profile) => {
  it.each(findings)('$name is in the model of its kind and in no other', ({ detection }) => {
    const { cim } = kinds.get(detection.profile.kind) as Kind;
    const { is_suppressed: suppressed, is_resolved: resolved } = detection.payload;
    const [finding = {}, activity] = eventsOf(detection, profile);
    const closed = [suppressed, resolved].some((flag) => flag === true || flag === 'true');
    if (closed) expect(seen(finding)).toEqual(CLOSED);
    else expect(isOf(profile === 'alerts_only' ? 'Alerts.Alerts' : cim.model, seen(finding))).toBe(true);
    expect(activity === undefined).toBe(profile !== 'fan_out' || cim.activity === undefined);
    if (activity !== undefined) expect(isOf(cim.activity?.model, seen(activity))).toBe(true);
  });

  it.each(findings)('$name is not in a model of attacks once it is closed', ({ detection }) => {
    for (const flag of ['is_suppressed', 'is_resolved'])
      for (const value of rows(1, [true, 'true'])) {
        const [finding = {}] = eventsOf(detectionOf({ ...detection.payload, [flag]: value }), profile);
        expect(seen(finding)).toEqual(CLOSED);
      }
  });

  it.each(changes)('$name is a change and not an attack', ({ detection }) => {
    expect(eventsOf(detection, profile).map(seen)).toEqual([CHANGED]);
  });
});

test('a change of any kind is a change', () => {
  for (const { detection } of findings) {
    const change = { from: 'new', to: 'suppressed', counter: 1 };
    const [event = {}] = eventsOf(
      detectionOf({ ...detection.payload, stepsecurity_siem: { change } }),
      'best_fit',
    );
    expect(seen(event)).toEqual(CHANGED);
  }
});

test('every kind was checked', () => {
  const looked = new Set(findings.map(({ detection }) => detection.profile.kind));
  expect([...looked].sort()).toEqual([...kinds.keys()].sort());
  expect(changes.length).toBeGreaterThan(0);
});

const FINDINGS = ['Alerts.Alerts', 'Intrusion_Detection.IDS_Attacks', 'DLP.DLP_Incidents'];
const pairs = Object.keys(MODELS).flatMap((model) =>
  [undefined, ...Object.keys(MODELS)].map((activity) => ({ model, activity })),
);

test.each(pairs)('your own kind of $model and $activity is in them, or refused', ({ model, activity }) => {
  const read = kindFile.safeParse({
    detection: 'Runner-Disk-Wiped',
    title: 'Runner disk wiped',
    group: 'process',
    category: ['process'],
    type: ['start'],
    severity: 'high',
    cim: { model, ...(activity === undefined ? {} : { activity: { model: activity } }) },
  });
  // An observation is not a finding, and a finding is not an observation.
  expect(read.success).toBe(FINDINGS.includes(model) && !FINDINGS.includes(activity ?? ''));
  if (!read.success) return;
  const mappings = { ...MAPPINGS, kinds: [...MAPPINGS.kinds, read.data] };
  const detection = detectionOf({ id: 'Runner-Disk-Wiped', owner: 'acme' }, profilesOf(mappings));
  for (const cimProfile of CIM_PROFILES) {
    const map = compileMapper(mappings, { ...DEFAULT_MAPPER, schema: 'cim', cimProfile });
    const [finding = {}, second] = map(detection).map(arrived);
    expect(isOf(cimProfile === 'alerts_only' ? 'Alerts.Alerts' : model, seen(finding))).toBe(true);
    expect(second !== undefined).toBe(cimProfile === 'fan_out' && activity !== undefined);
    if (second !== undefined) expect(isOf(activity, seen(second))).toBe(true);
  }
});

test('the mapping language and the eventtypes agree on which models hold findings', () => {
  const ofSourcetype = (sourcetype: string): string[] =>
    Object.keys(MODELS).filter((model) => seen({ sourcetype, cim_model: model }).models.includes(model));
  expect(ofSourcetype(SOURCETYPE)).toEqual(FINDINGS);
  expect(ofSourcetype(ROLE_SOURCETYPES.activity)).toEqual(
    Object.keys(MODELS).filter((model) => !FINDINGS.includes(model)),
  );
});

test('every data model that a mapping may name has an eventtype', () => {
  expect(modelsWithFields.sort()).toEqual(Object.keys(MODELS).sort());
});

test('eventtypes and their searches name no kind', () => {
  const text = JSON.stringify([...eventtypes].map(([name, settings]) => [name, ...settings]));
  for (const kind of kinds.keys()) expect(text).not.toContain(kind);
});

test('the event of `check`, and events without a model, are in none', () => {
  const nothing = { eventtypes: [], models: [] };
  expect(seen({ sourcetype: 'stepsecurity:harden_runner:check' })).toEqual(nothing);
  for (const sourcetype of [SOURCETYPE, ROLE_SOURCETYPES.activity]) {
    expect(seen({ sourcetype })).toEqual(nothing);
    expect(seen({ sourcetype, cim_model: 'Malware.Malware_Attacks' })).toEqual(nothing);
  }
});
