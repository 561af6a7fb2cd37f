/** Errors are told apart by what happens next. Anything that is none of these is our own bug: stack, exit 1. */

/** The operator's to fix: configuration, credentials, a missing index. Message without a stack, exit 2. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** The other side is away, or refuses everything: nothing was lost, run again. Exit 4. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

/** Another run holds the lease, or took it while we slept. Exit 5. */
export class LeaseError extends Error {
  override name = 'LeaseError';
}

/** A try that failed for a passing reason. Only `retry` sees it; it waits `retryAfterMs` when the server named a time. */
export class RetryableError extends Error {
  override name = 'RetryableError';
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What is said by whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
