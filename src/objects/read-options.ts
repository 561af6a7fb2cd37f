import type { Context } from '../contracts/component.ts';
import type { Limits } from '../contracts/source.ts';
import type { ObjectRef, OpenObject, ResumePoint } from './object.ts';

/** What reading objects needs, whatever store they are in. */
export interface ReadOptions extends Pick<Context, 'log' | 'meter' | 'retry' | 'abort'> {
  /** `s3`, `file` or `stdin`: the `source` of every origin. */
  readonly source: string;
  readonly open: OpenObject;
  /** Where to go on in an object; asked once per object, before it is opened. A point of another version is ignored. */
  readonly resume?: (ref: ObjectRef) => ResumePoint | undefined;
  /** Called when all that was acked of an object is behind, before anything new of it is given out; waited for. */
  readonly entered?: (() => Promise<void>) | undefined;
  readonly batch: { readonly maxBytes: number; readonly maxRecords: number };
  readonly limits: Limits;
  /** Reading ends normally soon after this is aborted. (`abort` throws its reason instead.) */
  readonly stop: AbortSignal;
  /** How far ahead small objects are fetched, the one being read included. Default 32 objects, 16 MiB. */
  readonly window?: { readonly objects: number; readonly bytes: number };
}
