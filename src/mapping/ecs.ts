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
 * values that no rule can write are made once for all: most kinds are written by the same code.
 */
export function compileEcs(mappings: Mappings, options: MapperOptions, pages: Pages): Mapper {
  const compileWriter = writerCompiler(pages);
  const shared = { kind: kindOf(options), reason: reasonOf(mappings), tags: tagsOf(options) };
  const writers = new Map<string, Writer>();
  for (const file of [...mappings.kinds, mappings.unknown]) {
    const fields = { ...mappings.common.ecs, ...file.ecs };
    writers.set(file.detection, compileWriter(fields, extras(file, options, shared)));
  }
  return (detection) => {
    const write = writers.get(detection.profile.kind) as Writer;
    return [toDocument(detection, write(detection))];
  };
}

function extras(
  file: KindFile,
  options: MapperOptions,
  shared: { readonly kind: Value; readonly reason: Value; readonly tags: Value },
): Extras {
  const dataset = `stepsecurity.${file.dataset}`;
  return {
    'event.kind': shared.kind,
    'event.reason': shared.reason,
    'event.dataset': constant(dataset),
    'data_stream.type': constant('logs'),
    'data_stream.dataset': constant(dataset),
    'data_stream.namespace': constant(options.namespace),
    tags: shared.tags,
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

function tagsOf(options: MapperOptions): Value {
  const tags = (dataset: string, ...more: string[]): Value => {
    const original = options.preserveOriginal ? ['preserve_original_event'] : [];
    return constant([`stepsecurity-${dataset.replaceAll('_', '-')}`, ...original, ...options.tags, ...more]);
  };
  const byDataset = new Map(
    DATASETS.map((dataset) => [dataset, { plain: tags(dataset), suppressed: tags(dataset, 'suppressed') }]),
  );
  return {
    put: (detection, out) => {
      const value = byDataset.get(detection.profile.dataset);
      const one = detection.suppressed === true ? value?.suppressed : value?.plain;
      return one?.put(detection, out) ?? false;
    },
  };
}

const DATASETS: readonly Detection['profile']['dataset'][] = ['detection', 'threat_intel', 'pr_check'];
