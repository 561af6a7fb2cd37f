import { DEFAULT_SCHEMA, type Schema } from '../contracts/schema.ts';
import { VERSION } from '../contracts/version.ts';
import { type CimProfile, DEFAULT_CIM_PROFILE } from './schemas/cim/profile.ts';

/** What the configuration adds to every document. */
export interface MapperOptions {
  readonly schema: Schema;
  /** The operator's static labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Tags in addition to our own, e.g. `backfill`. */
  readonly tags: readonly string[];
  /** Keep the redacted payload in `event.original`. */
  readonly preserveOriginal: boolean;
  /** Write `event.kind: event` instead of `alert`, so that history does not flood the alert queue. */
  readonly quiet: boolean;
  /** `data_stream.namespace`. */
  readonly namespace: string;
  readonly cimProfile: CimProfile;
  /** This program's version, in every document, so that the documents of a faulty mapping can be found later. */
  readonly version: string;
}

export const DEFAULT_MAPPER: MapperOptions = {
  schema: DEFAULT_SCHEMA,
  labels: {},
  tags: [],
  preserveOriginal: false,
  quiet: false,
  namespace: 'default',
  cimProfile: DEFAULT_CIM_PROFILE,
  version: VERSION,
};
