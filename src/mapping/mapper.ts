import { compileCim } from './cim.ts';
import type { Mapper } from './document.ts';
import { compileEcs } from './ecs.ts';
import type { Mappings } from './load.ts';
import type { MapperOptions } from './options.ts';

/** Compiles all mappings once. */
export function compileMapper(mappings: Mappings, options: MapperOptions): Mapper {
  return options.schema === 'ecs' ? compileEcs(mappings, options) : compileCim(mappings, options);
}
