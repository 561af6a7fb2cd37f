/** Where accepted bodies are made durable. The configured source reads what is stored here. */
export interface Spool {
  /** For logs: a folder, or `s3://bucket/prefix`. */
  readonly name: string;
  /** How many `store` calls may run at the same time. */
  readonly parallel: number;
  /**
   * Stores content under a name of its own that sorts by time. Resolves once it is durable; rejects if that is
   * uncertain, in which case the content may still be there. Few tries and little patience: the sender is waiting.
   */
  store(content: Buffer, kind: Kind): Promise<void>;
  /** Rejects if `store` would. Leaves nothing that is read. */
  probe(): Promise<void>;
  /** Its contents, if it can tell. */
  holds?(): { readonly bytes: number; readonly files: number };
  /** Bytes it may hold, if limited. */
  readonly limit?: number;
  close?(): void;
}

/** `json`: one JSON text per line. `raw`: one body as it arrived. */
export type Kind = 'json' | 'raw';

/** The spool has reached its limit. */
export class SpoolFullError extends Error {
  override name = 'SpoolFullError';
}
