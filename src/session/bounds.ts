/** What one record may become, and how much of it is worked on at once. */
export interface Bounds {
  /** Members of groups decoded between two writes. */
  readonly records: number;
  /** Bytes that members of groups become between two writes. */
  readonly bytes: number;
  /** Bytes that a group becomes per byte of its record. */
  readonly expansion: number;
}

export const DEFAULT_BOUNDS: Bounds = { records: 10_000, bytes: 2 ** 20, expansion: 200 };
