import type { z } from 'zod';
import type { Mapper, Role } from '../document.ts';
import type { CommonFacts, KindFacts } from '../facts.ts';
import type { Fields } from '../language.ts';
import type { MapperOptions } from '../options.ts';
import type { Extra, Writers } from '../writer/index.ts';

/** The mapping files as one schema sees them: each contains the section with its name. */
export interface MappingsFor<Name extends string, Kind, Common> {
  readonly common: CommonFacts & { readonly [key in Name]: Common };
  readonly unknown: KindFacts & { readonly [key in Name]: Kind };
  readonly kinds: readonly (KindFacts & { readonly [key in Name]: Kind })[];
}

/** What a schema is compiled with, in addition to its mappings. */
export interface CompileContext {
  readonly options: MapperOptions;
  /** The sentence that describes what happened. */
  readonly reason: Extra;
  readonly writers: Writers;
}

/** Rules as written in a mapping file, and the keys that lead to them. */
export interface Section {
  readonly in: 'common' | 'kind';
  readonly keys: readonly string[];
  readonly fields: Fields;
}

/** A schema for documents, as listed in the registry. */
export interface OutputSchema<Name extends string, Kind = unknown, Common = unknown> {
  /** Validates the section with its name in each kind's file. */
  readonly kind: z.ZodType<Kind>;
  /** Validates the section with its name in `_common.yaml`. */
  readonly common: z.ZodType<Common>;
  /** Makes the mapper. Called once: anything wrong in the mappings is a ConfigError at this point. */
  compile(mappings: MappingsFor<Name, Kind, Common>, context: CompileContext): Mapper;
  /**
   * The rules of a kind: payload members that none of them reads count as new fields and are kept under `unmapped`.
   * Undefined if documents contain the whole payload: new members are then those that the default schema does not
   * read.
   */
  reads(
    mappings: MappingsFor<Name, Kind, Common>,
    file: MappingsFor<Name, Kind, Common>['unknown'],
  ): Fields | undefined;
  /** Where the rules of a document are; if two write the same field, the later one wins. */
  sections(
    mappings: MappingsFor<Name, Kind, Common>,
    file: MappingsFor<Name, Kind, Common>['unknown'],
    options: Pick<MapperOptions, 'cimProfile'>,
    role: Role | undefined,
  ): readonly Section[];
  /** Fields that contain the payload, or parts of it, as it arrived. */
  readonly verbatim: readonly string[];
  /** What the demo shows of a document: the field with the sentence, and a few others. */
  readonly shown: { readonly sentence: string; readonly fields: readonly string[] };
}
