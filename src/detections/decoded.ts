import type { Fault, SourceRecord } from '../types.ts';
import type { DetectOptions } from './detect.ts';
import type { Detection, KindProfile } from './detection.ts';

/** One thing that a record held. Each counts one in the ledger; `index` is its place in a grouped record. */
export type Decoded =
  | { readonly detection: Detection; readonly index?: number }
  /** This part of the record is no detection. */
  | { readonly fault: Fault; readonly index?: number }
  /** Recognised, and not a detection: `insights`, `empty_group`. */
  | { readonly filtered: string; readonly index?: number };

/** A record and what it held: at least one entry. */
export interface DecodedRecord {
  readonly record: SourceRecord;
  readonly entries: readonly Decoded[];
}

export interface DecodeOptions extends DetectOptions {
  /** The profile of a known kind. */
  readonly profile: (kind: string) => KindProfile | undefined;
  /** What kinds nobody has seen go through. */
  readonly unknown: KindProfile;
}
