import type { Schema } from '../../contracts/schema.ts';
import { cim } from './cim/index.ts';
import { ecs } from './ecs/index.ts';
import type { OutputSchema } from './schema.ts';

/**
 * The registry. The sections of the mapping files, the mapper, the golden folders and the lint of the mappings are
 * derived from it; the choices that commands and sinks offer are derived from the names in `contracts/schema.ts`.
 */
export const OUTPUT_SCHEMAS = { ecs, cim } satisfies { readonly [Name in Schema]: OutputSchema<Name> };
