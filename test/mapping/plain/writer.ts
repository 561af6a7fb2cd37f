import type { Schema } from '../../../src/contracts/schema.ts';
import type { Detection } from '../../../src/detections/detection.ts';
import type { KindFile, Mappings } from '../../../src/mapping/files.ts';
import type { Fields } from '../../../src/mapping/language.ts';
import type { MapperOptions } from '../../../src/mapping/options.ts';
import { cut, LONGEST_EVENT } from './cut.ts';
import { remaining } from './payload.ts';
import { cutSentence, sentenceOf, valueOf } from './rule.ts';
import { safe, tidy, whole } from './text.ts';

type Values = Readonly<Record<string, unknown>>;
type Plain = (mappings: Mappings, options: MapperOptions, detection: Detection) => string[];

/** The documents of a detection, as text. */
export const PLAIN: { readonly [Name in Schema]: Plain } = {
  ecs(mappings, options, detection) {
    const kind = kindOf(mappings, detection);
    const dataset = `stepsecurity.${kind.dataset}`;
    const { event, payload, change } = detection;
    const document = {
      ...valuesOf({ ...mappings.common.ecs, ...(change === undefined && kind.ecs) }, detection),
      'event.kind': options.quiet && event.kind === 'alert' ? 'event' : event.kind,
      'event.reason': reasonOf(mappings, kind, detection),
      'event.dataset': dataset,
      'data_stream.namespace': options.namespace,
      'agent.type': 'stepsecurity-siem',
      'agent.version': options.version,
      tags: tidy([
        `stepsecurity-${kind.dataset.replaceAll('_', '-')}`,
        ...(options.preserveOriginal ? ['preserve_original_event'] : []),
        ...options.tags,
        ...statesOf(detection),
      ]),
      'event.original': options.preserveOriginal ? safe(JSON.stringify(whole(payload))) : undefined,
      labels: tidy(options.labels),
    };
    return [JSON.stringify(nested(document))];
  },

  cim(mappings, options, detection) {
    const kind = kindOf(mappings, detection);
    const { common } = mappings;
    const model = options.cimProfile === 'alerts_only' ? 'Alerts.Alerts' : kind.cim.model;
    const own = model === kind.cim.model ? kind.cim.fields : {};
    const rules =
      detection.change === undefined
        ? { cim_model: model, ...common.cim.fields, ...common.cim.models[model], ...own }
        : common.cim.change;
    const eventOf = (one: Detection): string =>
      JSON.stringify(
        nested({
          ...valuesOf(rules, one),
          description: reasonOf(mappings, kind, one),
          mapper_version: options.version,
          tags: tidy([...options.tags, ...statesOf(one)]),
          labels: tidy(options.labels),
          stepsecurity: whole({
            origin: one.origin,
            ...(options.preserveOriginal ? one.payload : remaining(one, rules)),
          }),
        }),
      );
    const full = eventOf(detection);
    const warnings = [...detection.warnings, 'payload_cut'];
    const event =
      Buffer.byteLength(full) <= LONGEST_EVENT
        ? full
        : eventOf({ ...detection, payload: cut(detection.payload), warnings });
    const { activity } = kind.cim;
    if (options.cimProfile !== 'fan_out' || activity === undefined || detection.change !== undefined)
      return [event];
    const fields = {
      cim_model: activity.model,
      ...common.cim.activity,
      ...common.cim.models[activity.model],
      ...activity.fields,
    };
    return [
      event,
      JSON.stringify(nested({ ...valuesOf(fields, detection), mapper_version: options.version })),
    ];
  },
};

function kindOf({ kinds, unknown }: Mappings, { profile }: Detection): KindFile {
  return kinds.find(({ detection }) => detection === profile.kind) ?? unknown;
}

function statesOf({ lockdown, dry_run, resolved, suppressed }: Detection): string[] {
  return [
    ...(suppressed === true ? ['suppressed'] : []),
    ...(resolved === true ? ['resolved'] : []),
    ...(lockdown === true ? ['lockdown'] : []),
    ...(dry_run ? ['dry-run'] : []),
  ];
}

function reasonOf({ common }: Mappings, kind: KindFile, detection: Detection): string | undefined {
  const sentences =
    detection.change === undefined ? [...kind.reason, ...common.reason] : common.change_reason;
  const sentence = sentenceOf(sentences, detection);
  if (sentence === undefined) return undefined;
  if (detection.change !== undefined) return safe(sentence);
  const start = detection.stopped_by === undefined ? '' : `Stopped by ${detection.stopped_by}: `;
  const end = detection.process === undefined ? (sentenceOf(common.program, detection) ?? '') : '';
  return safe(start === '' && end === '' ? sentence : cutSentence(start + sentence + end));
}

function valuesOf(fields: Fields, detection: Detection): Values {
  return Object.fromEntries(Object.entries(fields).map(([name, rule]) => [name, valueOf(rule, detection)]));
}

interface Branch {
  [key: string]: unknown;
}

/** Dotted names as nested objects, in the order in which they first appear; an empty one is left out. */
function nested(values: Values): Branch {
  const root: Branch = {};
  const branches = new Set<unknown>([root]);
  for (const [name, value] of Object.entries(values)) {
    const keys = name.split('.');
    const last = keys.pop() ?? '';
    let branch = root;
    for (const key of keys) {
      branch[key] ??= {};
      branch = branch[key] as Branch;
      branches.add(branch);
    }
    branch[last] = value;
  }
  const pruned = (branch: Branch): Branch | undefined => {
    const members = Object.entries(branch)
      .map(([key, value]) => [key, branches.has(value) ? pruned(value as Branch) : value] as const)
      .filter(([, value]) => value !== undefined);
    return members.length === 0 ? undefined : Object.fromEntries(members);
  };
  return pruned(root) ?? {};
}
