/**
 * The schemas that documents can be written in. Each name needs a folder in `mapping/schemas/` and a line in its
 * registry; without both, nothing compiles. The names are separate from the code so that `--help` can list them without
 * loading it.
 */
export const SCHEMAS = ['ecs', 'cim'] as const;

export type Schema = (typeof SCHEMAS)[number];

/** Used unless configured otherwise. */
export const DEFAULT_SCHEMA: Schema = 'ecs';

/** The document field that holds the uid. */
export const UID_FIELDS: { readonly [Name in Schema]: string } = { ecs: 'event.id', cim: 'id' };
