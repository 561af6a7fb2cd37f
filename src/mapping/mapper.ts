import type { Mapper } from './document.ts';
import type { Mappings } from './files.ts';
import type { MapperOptions } from './options.ts';
import { reasonOf } from './reason.ts';
import { OUTPUT_SCHEMAS } from './schemas/index.ts';
import { createWriters } from './writer/index.ts';

/** Compiles all mappings once, into a function that writes documents into the pages of `writers`. */
export function compileMapper(mappings: Mappings, options: MapperOptions, writers = createWriters()): Mapper {
  return OUTPUT_SCHEMAS[options.schema].compile(mappings, { options, writers, reason: reasonOf(mappings) });
}
