import type { Context } from '../contracts/component.ts';
import type { Limits } from '../contracts/source.ts';
import type { ObjectRef, OpenObject, ResumePoint } from './object.ts';

/** What is needed to read objects from any store. */
export interface ReadOptions extends Pick<Context, 'log' | 'meter' | 'retry' | 'abort'> {
  /** `s3`, `file` or `stdin`: the `source` of every origin. */
  readonly source: string;
  readonly open: OpenObject;
  /**
   * Where to resume in an object; called once per object, before it is opened. A point for another version is
   * ignored.
   */
  readonly resume?: (ref: ObjectRef) => ResumePoint | undefined;
  /** Called when the acked part of an object has been passed, before any new content is yielded; awaited. */
  readonly entered?: (() => Promise<void>) | undefined;
  readonly batch: { readonly maxBytes: number; readonly maxRecords: number };
  readonly limits: Limits;
  /** Reading ends normally soon after this is aborted. (`abort` throws its reason instead.) */
  readonly stop: AbortSignal;
  /** How far ahead small objects are fetched, including the one being read. Default: 32 objects, 16 MiB. */
  readonly window?: { readonly objects: number; readonly bytes: number };
}
