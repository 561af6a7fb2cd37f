import { type Mapper, toDocument } from '../../document.ts';
import type { KindFacts } from '../../facts.ts';
import { type Fields, fields } from '../../language.ts';
import type { MapperOptions } from '../../options.ts';
import type { Extra, Extras, Writer } from '../../writer/index.ts';
import type { CompileContext, MappingsFor, OutputSchema } from '../schema.ts';
import { tagsOf } from '../tags.ts';

type EcsMappings = MappingsFor<'ecs', Fields, Fields>;

/** Elastic Common Schema: one document per detection. */
export const ecs = {
  kind: fields.default({}).describe('ECS fields of this kind; they override those of _common.'),
  common: fields,
  compile,
  reads: ({ common }, file) => ({ ...common.ecs, ...file.ecs }),
  sections: ({ common }, file, _, role) => [
    { in: 'common', keys: ['ecs'], fields: common.ecs },
    ...(role === 'state_change' ? [] : [{ in: 'kind' as const, keys: ['ecs'], fields: file.ecs }]),
  ],
  verbatim: ['stepsecurity.unmapped', 'event.original'],
  shown: {
    sentence: 'event.reason',
    fields: [
      '@timestamp',
      'event.severity',
      'threat.technique.subtechnique.id',
      'process.command_line',
      'destination.domain',
    ],
  },
} satisfies OutputSchema<'ecs', Fields, Fields>;

interface Pair {
  readonly finding: Writer;
  /** For a change of state: without the kind's own rules, which describe the finding. */
  readonly change: Writer;
}

/**
 * One writer per kind, from the common rules overlaid with the kind's own. Parts that do not depend on the kind are
 * made once per dataset.
 */
function compile(mappings: EcsMappings, { options, reason, writers }: CompileContext): Mapper {
  const datasets = new Map<string, { readonly extras: Extras; readonly change: Writer }>();
  const datasetOf = (name: KindFacts['dataset']) => {
    const extras = extrasOf(name, options, reason);
    return { extras, change: writers.compile(mappings.common.ecs, extras) };
  };
  const byKind = new Map<string, Pair>();
  for (const file of [...mappings.kinds, mappings.unknown]) {
    const dataset = datasets.get(file.dataset) ?? datasetOf(file.dataset);
    datasets.set(file.dataset, dataset);
    byKind.set(file.detection, {
      finding: writers.compile({ ...mappings.common.ecs, ...file.ecs }, dataset.extras),
      change: dataset.change,
    });
  }
  return (detection) => {
    const { finding, change } = byKind.get(detection.profile.kind) as Pair;
    const write = detection.change === undefined ? finding : change;
    return [toDocument(detection, write(detection))];
  };
}

function extrasOf(name: KindFacts['dataset'], options: MapperOptions, reason: Extra): Extras {
  const dataset = `stepsecurity.${name}`;
  return {
    'event.kind': { text: ({ event }) => (options.quiet && event.kind === 'alert' ? 'event' : event.kind) },
    'event.reason': reason,
    'event.dataset': { constant: dataset },
    'data_stream.namespace': { constant: options.namespace },
    'agent.type': { constant: 'stepsecurity-siem' },
    'agent.version': { constant: options.version },
    tags: tagsOf([
      `stepsecurity-${name.replaceAll('_', '-')}`,
      ...(options.preserveOriginal ? ['preserve_original_event'] : []),
      ...options.tags,
    ]),
    ...(options.preserveOriginal ? { 'event.original': { original: ({ payload }) => payload } } : {}),
    labels: { constant: options.labels },
  };
}
