import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** All fields of ECS, as Elastic publishes them. */
const { EcsFlat } = createRequire(import.meta.url)('@elastic/ecs') as {
  EcsFlat: Readonly<Record<string, { readonly type: string }>>;
};

/** The types of our own fields; the Elasticsearch template is checked against the same list. `keyword[]` is a list. */
export const VENDOR_FIELDS = (
  JSON.parse(readFileSync(new URL('../../../facts/vendor-fields.json', import.meta.url), 'utf8')) as {
    fields: Record<string, string>;
  }
).fields;

/** The Elasticsearch type of a field according to its owner; undefined if the field is unknown. */
export function typeOf(field: string): string | undefined {
  return EcsFlat[field]?.type ?? VENDOR_FIELDS[field]?.replace('[]', '');
}
