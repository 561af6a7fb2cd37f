/** Where accepted bodies are made durable. The source of the configuration reads what is stored here. */
export interface Spool {
  /** For logs: a folder, or `s3://bucket/prefix`. */
  readonly name: string;
  /** How many `store`s may be under way at once. */
  readonly parallel: number;
  /**
   * Stores some content under a name of its own, which sorts by time. Resolves once it is durable; rejects where that
   * is not sure, and the content may be there all the same. Few tries and little patience: a sender waits.
   */
  store(content: Buffer, kind: Kind): Promise<void>;
  /** Rejects when `store` would. Leaves nothing that is read. */
  probe(): Promise<void>;
  /** What it holds, where it can tell. */
  holds?(): { readonly bytes: number; readonly files: number };
  /** Bytes that it may hold, where that is bounded. */
  readonly limit?: number;
  close?(): void;
}

/** `json`: lines, a JSON text each. `raw`: one body as it came. */
export type Kind = 'json' | 'raw';

/** What the spool may hold is used up. */
export class SpoolFullError extends Error {
  override name = 'SpoolFullError';
}
