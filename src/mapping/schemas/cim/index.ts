import { type Mapper, type Role, toDocument } from '../../document.ts';
import type { Fields } from '../../language.ts';
import type { MapperOptions } from '../../options.ts';
import type { Writer } from '../../writer/index.ts';
import type { CompileContext, MappingsFor, OutputSchema, Section } from '../schema.ts';
import { tagsOf } from '../tags.ts';
import { fitted } from './fitted.ts';
import { payloadOf } from './payload.ts';
import { type CimCommon, type CimKind, cimCommon, cimKind } from './sections.ts';

type CimMappings = MappingsFor<'cim', CimKind, CimCommon>;

/** Splunk's Common Information Model: one event per detection, or two with the profile `fan_out`. */
export const cim = {
  kind: cimKind,
  common: cimCommon,
  compile,
  reads: () => undefined,
  sections,
  verbatim: ['stepsecurity'],
  shown: {
    sentence: 'description',
    fields: ['event_time', 'severity', 'mitre_technique_id', 'file_path', 'src'],
  },
} satisfies OutputSchema<'cim', CimKind, CimCommon>;

interface Pair {
  readonly alert: Writer;
  readonly activity?: Writer;
}

const ALERTS = 'Alerts.Alerts';

/**
 * CIM fields come first and the vendor's payload last, under one key: Splunk reads only the first 10,240 characters of an
 * event at search time (`maxchars` of `[kv]` in limits.conf).
 */
function compile(mappings: CimMappings, { options, reason, writers }: CompileContext): Mapper {
  const byKind = new Map<string, Pair>();
  const mapper_version = { constant: options.version };
  const compileEvent = (fields: Fields): Writer =>
    writers.compile(fields, {
      description: reason,
      mapper_version,
      tags: tagsOf(options.tags),
      labels: { constant: options.labels },
      stepsecurity: payloadOf(fields, options.preserveOriginal),
    });
  const change = compileEvent(mappings.common.cim.change);
  for (const file of [...mappings.kinds, mappings.unknown])
    byKind.set(
      file.detection,
      compileKind(mappings.common.cim, file.cim, options, {
        compileEvent,
        compileActivity: (fields) => writers.compile(fields, { mapper_version }),
      }),
    );
  return (detection) => {
    if (detection.change !== undefined) return [fitted(detection, change, 'state_change')];
    const { alert, activity } = byKind.get(detection.profile.kind) as Pair;
    const first = fitted(detection, alert);
    if (activity === undefined) return [first];
    return [first, toDocument(detection, activity(detection), 'activity')];
  };
}

/** The add-on's eventtypes select by this field, so it goes first, where Splunk is sure to read it. */
function modelField(model: string): Fields {
  return { cim_model: model };
}

/** In the order in which `compileKind` overlays them. */
function sections(
  { common }: CimMappings,
  { cim: kind }: CimMappings['unknown'],
  { cimProfile }: Pick<MapperOptions, 'cimProfile'>,
  role: Role | undefined,
): Section[] {
  const { models } = common.cim;
  const ofModel = (model: string, keys: readonly string[], isOfKind = true): Section[] => [
    ...(isOfKind ? [{ in: 'kind' as const, keys, fields: { cim_model: model } }] : []),
    { in: 'common', keys: ['cim', 'models', model], fields: models[model] ?? {} },
  ];
  if (role === 'state_change') return [{ in: 'common', keys: ['cim', 'change'], fields: common.cim.change }];
  if (role === 'activity' && kind.activity !== undefined) {
    const { model, fields } = kind.activity;
    return [
      { in: 'common', keys: ['cim', 'activity'], fields: common.cim.activity },
      ...ofModel(model, ['cim', 'activity', 'model']),
      { in: 'kind', keys: ['cim', 'activity', 'fields'], fields },
    ];
  }
  const model = cimProfile === 'alerts_only' ? ALERTS : kind.model;
  const isOwn = model === kind.model;
  return [
    { in: 'common', keys: ['cim', 'fields'], fields: common.cim.fields },
    ...ofModel(model, ['cim', 'model'], isOwn),
    ...(isOwn ? [{ in: 'kind' as const, keys: ['cim', 'fields'], fields: kind.fields }] : []),
  ];
}

function compileKind(
  common: CimCommon,
  kind: CimKind,
  options: MapperOptions,
  {
    compileEvent,
    compileActivity,
  }: Readonly<Record<'compileEvent' | 'compileActivity', (fields: Fields) => Writer>>,
): Pair {
  const model = options.cimProfile === 'alerts_only' ? ALERTS : kind.model;
  // A kind's own fields are meant for its own model.
  const own = model === kind.model ? kind.fields : {};
  const alert = compileEvent({ ...modelField(model), ...common.fields, ...common.models[model], ...own });
  if (options.cimProfile !== 'fan_out' || kind.activity === undefined) return { alert };
  const { activity } = kind;
  const fields = {
    ...modelField(activity.model),
    ...common.activity,
    ...common.models[activity.model],
    ...activity.fields,
  };
  return { alert, activity: compileActivity(fields) };
}
