/**
 * The schemas that documents can be written in. A name here needs a folder in `mapping/schemas/` and a line in its
 * registry, and nothing compiles before it has both. The names are kept apart from the code: `--help` lists them and
 * loads none of it.
 */
export const SCHEMAS = ['ecs', 'cim'] as const;

export type Schema = (typeof SCHEMAS)[number];

/** Where nobody says otherwise. */
export const DEFAULT_SCHEMA: Schema = 'ecs';

/** The field in which a document has its uid. */
export const UID_FIELDS: { readonly [Name in Schema]: string } = { ecs: 'event.id', cim: 'id' };
