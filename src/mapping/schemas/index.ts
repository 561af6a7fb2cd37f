import type { Schema } from '../../contracts/schema.ts';
import { cim } from './cim/index.ts';
import { ecs } from './ecs/index.ts';
import type { OutputSchema } from './schema.ts';

/**
 * The registry. The sections of the mapping files, the mapper, the golden folders and the lint of the mappings follow
 * from it; what commands and sinks offer follows from the names in `contracts/schema.ts`.
 */
export const OUTPUT_SCHEMAS = { ecs, cim } satisfies { readonly [Name in Schema]: OutputSchema<Name> };
