/** How much one record may expand to, and how much of that is processed at a time. */
export interface Bounds {
  /** Group members decoded between two writes. */
  readonly records: number;
  /** Bytes of decoded group members between two writes. */
  readonly bytes: number;
  /** Bytes a group may expand to per byte of its record. */
  readonly expansion: number;
}

export const DEFAULT_BOUNDS: Bounds = { records: 10_000, bytes: 2 ** 20, expansion: 200 };
