import type { Fault, SourceRecord } from '../contracts/types.ts';
import type { DetectOptions } from './detect.ts';
import type { Detection, KindProfile } from './detection.ts';

/** One item found in a record. Each counts as one in the ledger; `index` is its place in a grouped record. */
export type Decoded =
  | { readonly detection: Detection; readonly index?: number }
  /** This part of the record is not a detection; with `count`, neither are the members that follow it. */
  | { readonly fault: Fault; readonly index?: number; readonly count?: number }
  /** Recognized, but not a detection: `insights`, `empty_group`. */
  | { readonly filtered: string; readonly index?: number };

/**
 * The contents of a record, in order; at least one. Members of a group are decoded each time they are requested and
 * not kept: together they can take hundreds of times the record's memory.
 */
export interface Entries extends Iterable<Decoded> {
  readonly length: number;
  at(index: number): Decoded | undefined;
}

/** The cost of a group's members, since each gets a copy of its parent's fields. */
interface Group {
  /** Bytes of the record. */
  readonly bytes: number;
  /** Bytes that are copied to decode this member. */
  costOf(index: number): number;
}

export interface DecodedRecord {
  readonly record: SourceRecord;
  readonly entries: Entries;
  /** Present for a group, in which case `entries` are its members. */
  readonly group?: Group;
}

export interface DecodeOptions extends DetectOptions {
  /** The profile of a known kind. */
  readonly profile: (kind: string) => KindProfile | undefined;
  /** The profile for unknown kinds. */
  readonly unknown: KindProfile;
}
