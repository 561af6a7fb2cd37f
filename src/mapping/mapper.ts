import { compileCim } from './cim.ts';
import type { Mapper } from './document.ts';
import { compileEcs } from './ecs.ts';
import type { Mappings } from './load.ts';
import type { MapperOptions } from './options.ts';
import { createPages } from './pages.ts';

/** Compiles all mappings once, to a function that writes documents into `pages`. */
export function compileMapper(mappings: Mappings, options: MapperOptions, pages = createPages()): Mapper {
  const compile = options.schema === 'ecs' ? compileEcs : compileCim;
  return compile(mappings, options, pages);
}
