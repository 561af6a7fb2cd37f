/** Error classes say what happens next. Any other error is our own bug: stack, exit 1. */

/** For the operator to fix: configuration, credentials, a missing index. Message without a stack, exit 2. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** The other side is unreachable, or refuses everything. Nothing was lost; run again. Exit 4. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

/** Another run holds the lease, or took it while we were asleep. Exit 5. */
export class LeaseError extends Error {
  override name = 'LeaseError';
}

/**
 * An attempt that failed for a passing reason. Only `retry` sees it, and waits `retryAfterMs` if the server gave a
 * time.
 */
export class RetryableError extends Error {
  override name = 'RetryableError';
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
