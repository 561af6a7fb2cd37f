import * as z from 'zod';
import { SCHEMAS, type Schema } from '../contracts/schema.ts';
import { commonFacts, kindFacts } from './facts.ts';
import type { FileInUse } from './folders.ts';
import { OUTPUT_SCHEMAS } from './schemas/index.ts';

type Registry = typeof OUTPUT_SCHEMAS;

/** Each schema's part of a mapping file, by the schema's name. */
function sectionsOf<Part extends 'kind' | 'common'>(part: Part): { [Name in Schema]: Registry[Name][Part] } {
  const sections = SCHEMAS.map((name) => [name, OUTPUT_SCHEMAS[name][part]]);
  return Object.fromEntries(sections) as { [Name in Schema]: Registry[Name][Part] };
}

export const kindFile = z
  .strictObject({ ...kindFacts.shape, ...sectionsOf('kind') })
  .describe('How one kind of detection is mapped to ECS and CIM.');

export const commonFile = z
  .strictObject({ ...commonFacts.shape, ...sectionsOf('common') })
  .describe('The mapping that all detections share.');

export type KindFile = z.output<typeof kindFile>;
export type CommonFile = z.output<typeof commonFile>;

/** The mappings in use, validated. */
export interface Mappings {
  readonly common: CommonFile;
  readonly unknown: KindFile;
  readonly kinds: readonly KindFile[];
  /** The operator's files among them. */
  readonly own: readonly FileInUse[];
}
