import type { Fault, SourceRecord } from '../contracts/types.ts';
import type { DetectOptions } from './detect.ts';
import type { Detection, KindProfile } from './detection.ts';

/** One thing that a record held. Each counts one in the ledger; `index` is its place in a grouped record. */
export type Decoded =
  | { readonly detection: Detection; readonly index?: number }
  /** This part of the record is no detection; with `count`, nor are the members that follow it. */
  | { readonly fault: Fault; readonly index?: number; readonly count?: number }
  /** Recognised, and not a detection: `insights`, `empty_group`. */
  | { readonly filtered: string; readonly index?: number };

/**
 * What a record held, in order; at least one. Members of a group are decoded each time they are asked for and not kept:
 * together they can weigh hundreds of times what the record does.
 */
export interface Entries extends Iterable<Decoded> {
  readonly length: number;
  at(index: number): Decoded | undefined;
}

/** What the members of a group cost, since each is given the fields of its parent. */
interface Group {
  /** Bytes of the record. */
  readonly bytes: number;
  /** Bytes that are copied to decode this member. */
  costOf(index: number): number;
}

export interface DecodedRecord {
  readonly record: SourceRecord;
  readonly entries: Entries;
  /** Present for a group: then `entries` are its members. */
  readonly group?: Group;
}

export interface DecodeOptions extends DetectOptions {
  /** The profile of a known kind. */
  readonly profile: (kind: string) => KindProfile | undefined;
  /** What kinds nobody has seen go through. */
  readonly unknown: KindProfile;
}
