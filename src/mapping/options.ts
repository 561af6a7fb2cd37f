import type { Schema } from '../contracts/types.ts';

export type CimProfile = 'best_fit' | 'alerts_only' | 'fan_out';

/** What the configuration adds to every document. */
export interface MapperOptions {
  readonly schema: Schema;
  /** Static labels of the operator. */
  readonly labels: Readonly<Record<string, string>>;
  /** Tags beside our own, e.g. `backfill`. */
  readonly tags: readonly string[];
  /** Keep the redacted payload in `event.original`. */
  readonly preserveOriginal: boolean;
  /** Write `event.kind: event` instead of `alert`, so that history does not flood the alert queue. */
  readonly quiet: boolean;
  /** `data_stream.namespace`. */
  readonly namespace: string;
  readonly cimProfile: CimProfile;
}

export const DEFAULT_MAPPER: MapperOptions = {
  schema: 'ecs',
  labels: {},
  tags: [],
  preserveOriginal: false,
  quiet: false,
  namespace: 'default',
  cimProfile: 'best_fit',
};
