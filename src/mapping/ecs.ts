import type { Detection } from '../detections/detection.ts';
import { type Mapper, toDocument } from './document.ts';
import type { Mappings } from './load.ts';
import type { MapperOptions } from './options.ts';
import { compileReason } from './reason.ts';
import type { Value } from './rule.ts';
import type { KindFile } from './schema.ts';
import { ABSENT, quote, serialise, verbatim } from './text.ts';
import { compileWriter, type Extras, type Writer } from './writer.ts';

/** Compiles the ECS side: one writer per kind, of the common rules with the kind's own over them. */
export function compileEcs(mappings: Mappings, options: MapperOptions): Mapper {
  const writers = new Map<string, Writer>();
  for (const file of [...mappings.kinds, mappings.unknown]) {
    const fields = { ...mappings.common.ecs, ...file.ecs };
    writers.set(file.detection, compileWriter(fields, extras(mappings, file, options)));
  }
  return (detection) => {
    const write = writers.get(detection.profile.kind) as Writer;
    return [toDocument(detection, write(detection))];
  };
}

function extras(mappings: Mappings, file: KindFile, options: MapperOptions): Extras {
  const dataset = `stepsecurity.${file.dataset}`;
  return {
    'event.kind': kindOf(options),
    'event.reason': reasonOf(mappings, file),
    'event.dataset': constant(quote(dataset)),
    'data_stream.type': constant('"logs"'),
    'data_stream.dataset': constant(quote(dataset)),
    'data_stream.namespace': constant(quote(options.namespace)),
    tags: tagsOf(file, options),
    ...(options.preserveOriginal
      ? { 'event.original': { write: (detection: Detection) => quote(verbatim(detection.payload)) } }
      : {}),
    ...(Object.keys(options.labels).length === 0 ? {} : { labels: constant(serialise(options.labels)) }),
  };
}

function kindOf(options: MapperOptions): Value {
  return {
    write: ({ event }) => (options.quiet && event.kind === 'alert' ? '"event"' : quote(event.kind)),
  };
}

/** The sentence of a detection, or of a change of its state. */
export function reasonOf(mappings: Mappings, file: KindFile): Value {
  const reason = compileReason([...file.reason, ...mappings.common.reason]);
  const changeReason = compileReason(mappings.common.change_reason);
  return {
    write: (detection) => {
      const text = detection.change === undefined ? reason(detection) : changeReason(detection);
      return text === undefined ? ABSENT : quote(text);
    },
  };
}

function tagsOf(file: KindFile, options: MapperOptions): Value {
  const base = [
    `stepsecurity-${file.dataset.replaceAll('_', '-')}`,
    ...(options.preserveOriginal ? ['preserve_original_event'] : []),
    ...options.tags,
  ];
  const plain = serialise(base);
  const suppressed = serialise([...base, 'suppressed']);
  return { write: (detection) => (detection.suppressed === true ? suppressed : plain) };
}

function constant(text: string): Value {
  return { write: () => text, constant: text };
}
