import type { Fault } from '../contracts/types.ts';

/**
 * Compressed content is damaged or truncated, perhaps only in this reading of it. Everything before the damage is
 * valid.
 */
export class DamagedContentError extends Error {
  override name = 'DamagedContentError';
  readonly fault: Fault;
  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.reason, options);
    this.fault = fault;
  }
}

/**
 * Content exceeds a limit or has an unsupported form: no later reading will get further. Everything before that point
 * is valid.
 */
export class RefusedContentError extends Error {
  override name = 'RefusedContentError';
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}
