import type { z } from 'zod';
import type { Mapper, Role } from '../document.ts';
import type { CommonFacts, KindFacts } from '../facts.ts';
import type { Fields } from '../language.ts';
import type { MapperOptions } from '../options.ts';
import type { Extra, Writers } from '../writer/index.ts';

/** The mapping files as one schema sees them: each holds a section of its name. */
export interface MappingsFor<Name extends string, Kind, Common> {
  readonly common: CommonFacts & { readonly [key in Name]: Common };
  readonly unknown: KindFacts & { readonly [key in Name]: Kind };
  readonly kinds: readonly (KindFacts & { readonly [key in Name]: Kind })[];
}

/** What a schema is compiled with beside its mappings. */
export interface CompileContext {
  readonly options: MapperOptions;
  /** The sentence that says what happened. */
  readonly reason: Extra;
  readonly writers: Writers;
}

/** Rules as a mapping file has them, and the keys that lead there. */
export interface Section {
  readonly in: 'common' | 'kind';
  readonly keys: readonly string[];
  readonly fields: Fields;
}

/** A schema that documents can be written in, as the registry lists it. */
export interface OutputSchema<Name extends string, Kind = unknown, Common = unknown> {
  /** Checks the section of its name in the file of each kind. */
  readonly kind: z.ZodType<Kind>;
  /** Checks the section of its name in `_common.yaml`. */
  readonly common: z.ZodType<Common>;
  /** What writes the documents. Called once: whatever is wrong in the mappings is a ConfigError now. */
  compile(mappings: MappingsFor<Name, Kind, Common>, context: CompileContext): Mapper;
  /**
   * The rules of a kind: what none of them reads of a payload counts as a new field and is kept under `unmapped`.
   * Undefined where documents hold the payload whole: new is then what the default schema does not read.
   */
  reads(
    mappings: MappingsFor<Name, Kind, Common>,
    file: MappingsFor<Name, Kind, Common>['unknown'],
  ): Fields | undefined;
  /** Where the rules of a document are; of two for one field the later counts. */
  sections(
    mappings: MappingsFor<Name, Kind, Common>,
    file: MappingsFor<Name, Kind, Common>['unknown'],
    options: Pick<MapperOptions, 'cimProfile'>,
    role: Role | undefined,
  ): readonly Section[];
  /** Fields that hold the payload, or parts of it, as it came. */
  readonly verbatim: readonly string[];
  /** What a demo shows of a document: the field that holds the sentence, and a few others. */
  readonly shown: { readonly sentence: string; readonly fields: readonly string[] };
}
