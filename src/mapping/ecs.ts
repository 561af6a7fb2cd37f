import type { Detection } from '../detections/detection.ts';
import { type Mapper, toDocument } from './document.ts';
import type { Mappings } from './load.ts';
import type { MapperOptions } from './options.ts';
import { putString } from './out.ts';
import type { Pages } from './pages.ts';
import { compileReason } from './reason.ts';
import { constant, type Value } from './rule.ts';
import type { KindFile } from './schema.ts';
import { verbatim } from './text.ts';
import { type Extras, type Writer, writerCompiler } from './writer.ts';

/**
 * Compiles the ECS side: one writer per kind, of the common rules with the kind's own over them. Few kinds have any, and
 * values that no rule can write are made once for a dataset: most kinds are written by the same code.
 */
export function compileEcs(mappings: Mappings, options: MapperOptions, pages: Pages): Mapper {
  const compileWriter = writerCompiler(pages);
  const reason = reasonOf(mappings);
  const extras = new Map<string, Extras>();
  const writers = new Map<string, Writer>();
  for (const file of [...mappings.kinds, mappings.unknown]) {
    const fields = { ...mappings.common.ecs, ...file.ecs };
    const mine = extras.get(file.dataset) ?? extrasOf(file.dataset, options, reason);
    extras.set(file.dataset, mine);
    writers.set(file.detection, compileWriter(fields, mine));
  }
  return (detection) => {
    const write = writers.get(detection.profile.kind) as Writer;
    return [toDocument(detection, write(detection))];
  };
}

function extrasOf(name: KindFile['dataset'], options: MapperOptions, reason: Value): Extras {
  const dataset = `stepsecurity.${name}`;
  return {
    'event.kind': kindOf(options),
    'event.reason': reason,
    'event.dataset': constant(dataset),
    'data_stream.type': constant('logs'),
    'data_stream.dataset': constant(dataset),
    'data_stream.namespace': constant(options.namespace),
    tags: tagsOf(name, options),
    ...(options.preserveOriginal ? { 'event.original': originalOf() } : {}),
    ...(Object.keys(options.labels).length === 0 ? {} : { labels: constant(options.labels) }),
  };
}

function kindOf(options: MapperOptions): Value {
  return {
    put: ({ event }, out) => {
      putString(out, options.quiet && event.kind === 'alert' ? 'event' : event.kind);
      return true;
    },
  };
}

function originalOf(): Value {
  return {
    put: (detection: Detection, out) => {
      putString(out, verbatim(detection.payload));
      return true;
    },
  };
}

/** The sentence of a detection, by its kind, or of a change of its state. */
export function reasonOf({ kinds, unknown, common }: Mappings): Value {
  const reasons = new Map(
    [...kinds, unknown].map((file) => [file.detection, compileReason([...file.reason, ...common.reason])]),
  );
  const changeReason = compileReason(common.change_reason);
  return {
    put: (detection, out) => {
      const reason = detection.change === undefined ? reasons.get(detection.profile.kind) : changeReason;
      const text = reason?.(detection);
      if (text !== undefined) putString(out, text);
      return text !== undefined;
    },
  };
}

function tagsOf(dataset: KindFile['dataset'], options: MapperOptions): Value {
  const base = [
    `stepsecurity-${dataset.replaceAll('_', '-')}`,
    ...(options.preserveOriginal ? ['preserve_original_event'] : []),
    ...options.tags,
  ];
  const plain = constant(base);
  const suppressed = constant([...base, 'suppressed']);
  return {
    put: (detection, out) => (detection.suppressed === true ? suppressed : plain).put(detection, out),
  };
}
